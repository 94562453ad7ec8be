import { randomUUID } from "node:crypto";
import { globSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedServer, startEmbeddedServer } from "./embedded-server.ts";
import { recordServer } from "./ownership.ts";
import { ownIdentity } from "./process-identity.ts";

const binaries = process.env.AMC_POSTGRES === "system" ? "system" : "embedded";
const REASON = new Error("Ctrl-C");

let home: string;

beforeEach(() => {
  home = join(tmpdir(), `amc-server-${randomUUID().slice(0, 8)}`);
  mkdirSync(home, { mode: 0o755 });
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Files of the home, by a pattern. */
function found(pattern: string): string[] {
  return globSync(pattern, { cwd: home });
}

/** Starts, and gives that up as soon as a file is there; what came of it. */
async function givenUpAt(pattern: string): Promise<PromiseSettledResult<EmbeddedServer>> {
  const stop = new AbortController();
  let isOver = false;
  const starting = startEmbeddedServer({ home, binaries, signal: stop.signal }).finally(() => {
    isOver = true;
  });
  const settled = Promise.allSettled([starting]);
  while (!isOver && found(pattern).length === 0) await new Promise(setImmediate);
  stop.abort(REASON);
  const [outcome] = await settled;
  return outcome;
}

/** It can be started again, which a lock of before would not allow; a server of before would be stopped. */
async function expectStart(): Promise<void> {
  const server = await startEmbeddedServer({ home, binaries });
  await server.stop();
}

describe("a start of a server that is given up", () => {
  it("while the guardian of the run before lives leaves no lock", async () => {
    recordServer(home, { guardian: ownIdentity(), postmaster: null });
    const outcome = await givenUpAt("owner.json");
    expect(outcome).toEqual({ status: "rejected", reason: REASON });
    expect(found("owner.json")).toEqual([]);
  });

  it("while initdb works leaves nothing of its directory", async () => {
    const outcome = await givenUpAt("*.unfinished/PG_VERSION");
    expect(outcome).toEqual({ status: "rejected", reason: REASON });
    expect(found("**/PG_VERSION")).toEqual([]);
    expect(found("*.unfinished")).toEqual([]);
    await expectStart();
  });

  it("while the server starts leaves no server", async () => {
    await expectStart();
    const outcome = await givenUpAt("*/postmaster.pid");
    expect(outcome).toEqual({ status: "rejected", reason: REASON });
    expect(found("*/postmaster.pid")).toEqual([]);
    await expectStart();
  });
});
