import { createMemoryLog } from "@amc/platform/log/memory";
import type { Append } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { shadowRunOf } from "@amc/streams/discovery/shadow-run";
import { uuidOf } from "@amc/streams/kernel/ids";
import { shadowSlotFor } from "@amc/streams/testing/candidate-builder";
import { describe, expect, it } from "vitest";
import { shadowRunsIn } from "./shadow-runs.ts";

const TOPIC = "discovery.shadow-run.v1";
const TEN = Date.UTC(2021, 0, 13, 15, 0);
const ALWAYS = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/** The comparison of the slot so many minutes after ten. */
function comparison(minute: number, partition: number): Append {
  const slot = TEN + minute * 60_000;
  const run = shadowRunOf([shadowSlotFor(0, 1)], 100);
  if (run === null) throw new TypeError("no comparison of a part");
  const value = encodeEvent(TOPIC, { ...run, slot });
  const id = uuidOf(`run/${minute}`);
  const headers = eventHeaders({ id, source: "/amc/test", topic: TOPIC, happenedAt: slot });
  return { topic: TOPIC, partition, key: id, value, headers };
}

describe("the comparisons of a log", () => {
  it("leave behind what is kept of each, once, in the order of the slots over all partitions", async () => {
    const log = createMemoryLog(systemLayout(2), () => 0);
    const unreadable = { ...comparison(1, 1), value: new Uint8Array([1]) };
    const appends = [comparison(30, 0), comparison(0, 1), comparison(0, 1), comparison(15, 1)];
    await log.commit({ appends: [...appends, unreadable] });
    const seen: number[] = [];
    const keep = ({ slot }: { readonly slot: number }) => {
      seen.push(slot);
      return (slot - TEN) / 60_000;
    };
    expect(await shadowRunsIn(log, ALWAYS, keep)).toEqual({ runs: [0, 15, 30], unreadable: 1 });
    expect(seen).toHaveLength(3);
    const quarter = { fromMs: TEN + 1, toMs: TEN + 15 * 60_000 };
    expect((await shadowRunsIn(log, quarter, keep)).runs).toEqual([15]);
    expect(seen).toHaveLength(4);
  });

  it("are none in a log of before there were any", async () => {
    const layout = systemLayout(2).filter(({ topic }) => topic !== TOPIC);
    const log = createMemoryLog(layout, () => 0);
    expect(await shadowRunsIn(log, ALWAYS, String)).toEqual({ runs: [], unreadable: 0 });
  });
});
