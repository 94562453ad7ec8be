import { createServer } from "node:net";
import type { Variables } from "@amc/platform/config/variables";
import type { DataDirectory } from "../data-directory.ts";
import { logOwner } from "../log-owner.ts";
import { apiAddress } from "../status/api-address.ts";
import { type Check, fail, ok, reasonOf } from "./check.ts";

/** The API's port is free, or the system that runs on this data directory has it. */
export async function portCheck(
  { HOST: host, PORT: port }: Variables,
  directory: DataDirectory,
): Promise<Check> {
  const name = "API port";
  if (port === 0) return ok(name, "any free one");
  const taken = await listenFailure(host, port);
  if (taken === null) return ok(name, `${port} is free`);
  const address = logOwner(directory) === null ? null : await apiAddress(host, port);
  if (address !== null) return ok(name, `npm start serves at ${address}`);
  return fail(name, `${host}:${port} cannot be used: ${reasonOf(taken)}`, "npm start -- --port 0");
}

/** Null when it can be listened at. */
function listenFailure(host: string, port: number): Promise<Error | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
}
