/**
 * Starts a server in a process of its own and stays, so that a test can kill it.
 * Arguments: home, then optionally embedded or system. Prints one line of JSON.
 */
import { startEmbeddedServer } from "./embedded-server.ts";

const [home = "", demanded] = process.argv.slice(2);

const server = await startEmbeddedServer({
  home,
  ...(demanded === "embedded" || demanded === "system" ? { binaries: demanded } : {}),
});
process.stdout.write(
  `${JSON.stringify({ ...server.processIds(), dataDirectory: server.placement.dataDirectory })}\n`,
);
process.stdin.on("end", () => void server.stop().then(() => process.exit(0)));
process.stdin.resume();
