import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "@amc/platform/postgres/errors";
import { isAlive, ownIdentity } from "@amc/platform/postgres/process-identity";
import { z } from "zod";
import { StackError } from "./errors.ts";
import { readJson, type StackHome } from "./home.ts";

const IDENTITY = z.object({ pid: z.number(), startToken: z.string() });

const POLL_MS = 100;
/** A first start with everything to be fetched over a slow line takes this long at most. */
const PATIENCE_MS = 15 * 60_000;

/**
 * Lets one process at a time start or stop parts of a home; others wait. What a process that died
 * at it left is taken over.
 *
 * @param onWait told once whom this process waits for
 * @throws StackError `stack.busy` when the other one does not finish
 */
export async function withHomeLock<Result>(
  home: StackHome,
  onWait: (pid: number) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const path = join(home.run, "operation.lock");
  const deadline = performance.now() + PATIENCE_MS;
  for (let told = false; !tryLock(path); told = true) {
    const holder = readHolder(path);
    if (holder === null || !isAlive(holder)) {
      rmSync(path, { force: true });
      continue;
    }
    if (!told) onWait(holder.pid);
    if (performance.now() > deadline) {
      throw new StackError(
        "stack.busy",
        `process ${holder.pid} still works on the stack in ${home.root}`,
        { path: home.root, pid: holder.pid },
      );
    }
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, JSON.stringify(ownIdentity()), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

function readHolder(path: string): z.output<typeof IDENTITY> | null {
  try {
    return readJson(path, IDENTITY);
  } catch (error) {
    // Cut off by a kill while it was written: nobody holds it.
    if (error instanceof StackError) return null;
    throw error;
  }
}
