import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  canFailSyncs,
  FIRST_COMMITTED_SYNC,
  failSync,
} from "@amc/platform/log/testing/failed-sync";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";

/** One strike of so many meets the store, which is synced at checkpoints only, and there the first. */
const STORE_EVERY = 10;

export const FAILED_SYNCS: Fault = {
  id: "F20",
  title: "the n-th sync of the file log's write-ahead log or store fails with EIO",
  invariant:
    "nothing is acknowledged after it, the writer stops with log.stopped, the next start has all that was acknowledged and each commit whole",
  control: "commits are acknowledged before they are made",
  strikes: { full: 100, reduced: 12, control: 2 },
  run,
};

async function run({ build, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  if (!canFailSyncs()) throw new Error("strace is missing here, or may not trace");
  const mode = build === "sound" ? "sound" : "acknowledges-first";
  const violations: string[] = [];
  let acknowledged = 0;
  for (let struck = 0; struck < strikes; struck += 1) {
    const parent = mkdtempSync(join(tmpdir(), "amc-faults-"));
    try {
      const isStore = struck % STORE_EVERY === STORE_EVERY - 1;
      const file = isStore ? "log.sqlite" : "log.sqlite-wal";
      const failing = isStore ? 1 : FIRST_COMMITTED_SYNC + struck;
      const found = await failSync(join(parent, "log"), mode, file, failing);
      acknowledged += found.acknowledged;
      violations.push(...found.faults.map((fault) => `${file}, sync ${failing}: ${fault}`));
    } finally {
      rmSync(parent, { recursive: true });
    }
    onStrike(struck + 1);
  }
  return { strikes, counts: { acknowledged }, violations };
}
