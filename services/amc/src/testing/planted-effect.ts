import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";

/**
 * Loaded with `--import …?<effect>=<where>` beside a command: does to the world outside what no
 * replay may do, once the command is done, and swallows that it is refused.
 */
const EFFECTS: Readonly<Record<string, (where: string) => unknown>> = {
  post: (address) => fetch(address, { method: "POST", body: "GME is ready to trade" }),
  listen: () => {
    const server = createServer().listen(0, "127.0.0.1", () => server.close());
  },
  write: (path) => writeFileSync(path, "GME is ready to trade"),
  start: (program) => spawn(program),
};

const planted = [...new URL(import.meta.url).searchParams];

process.once("beforeExit", () => void doAll());

async function doAll(): Promise<void> {
  for (const [effect, where] of planted) {
    try {
      await EFFECTS[effect]?.(where);
    } catch (error) {
      process.stderr.write(`planted: ${String(error)}\n`);
    }
  }
}
