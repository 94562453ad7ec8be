import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { StackError } from "./errors.ts";
import { readJson, type StackHome, writeWhole } from "./home.ts";

/** Everything listens here and nowhere else. */
export const LOOPBACK = "127.0.0.1";

const PORTS = z.record(z.string(), z.number().int());

/**
 * Below the range from which systems take the ports of outgoing connections: one chosen from there
 * could be in use again before our server listens.
 */
const FIRST_PORT = 20_000;
const PORTS_TRIED = 9_000;

/** Holds the ports that the servers of a home have. */
export const portsPath = (home: StackHome) => join(home.root, "ports.json");

/** Port by name of what listens there, as chosen by earlier calls. */
export function readPorts(home: StackHome): Readonly<Record<string, number>> {
  return readJson(portsPath(home), PORTS) ?? {};
}

/** Ports that are tried beside the one that something had. */
export interface PortWish {
  /** Before it: somebody names this one now. */
  readonly named: number | undefined;
  /** After it: everybody knows it by this one. */
  readonly wellKnown: number | undefined;
}

const NO_WISH: PortWish = { named: undefined, wellKnown: undefined };

/**
 * The port of something that does not run yet: the one it is told, else the one it had, else the one it is
 * known by, else a free one that depends on the home, so that it is the same again after a purge.
 *
 * @throws StackError `stack.no-free-port`
 */
export function choosePort(
  home: StackHome,
  name: string,
  wish: PortWish = NO_WISH,
): Promise<number> {
  const choice = lastChoice.then(() => chooseNext(home, name, wish));
  lastChoice = Promise.allSettled([choice]);
  return choice;
}

/** Parts start side by side, and two that looked at once would take the same port. */
let lastChoice: Promise<unknown> = Promise.resolve();

async function chooseNext(home: StackHome, name: string, wish: PortWish): Promise<number> {
  const chosen = readPorts(home);
  const taken = new Set(Object.entries(chosen).flatMap(([n, port]) => (n === name ? [] : [port])));
  for (const port of candidates(home, chosen[name], wish)) {
    if (taken.has(port) || !(await isFree(port))) continue;
    writeWhole(portsPath(home), `${JSON.stringify({ ...chosen, [name]: port }, null, 2)}\n`);
    return port;
  }
  throw new StackError("stack.no-free-port", `no free port on ${LOOPBACK} for ${name}`, {
    part: name,
  });
}

function* candidates(
  home: StackHome,
  earlier: number | undefined,
  { named, wellKnown }: PortWish,
): Generator<number> {
  if (named !== undefined) yield named;
  if (earlier !== undefined) yield earlier;
  if (wellKnown !== undefined) yield wellKnown;
  const hash = createHash("sha256").update(home.root).digest().readUInt32BE(0);
  for (let step = 0; step < PORTS_TRIED; step += 1) {
    yield FIRST_PORT + ((hash + step) % PORTS_TRIED);
  }
}

/** Whether a server could listen there now. */
export async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
    server.close(() => resolve(true));
  });
  return promise;
}
