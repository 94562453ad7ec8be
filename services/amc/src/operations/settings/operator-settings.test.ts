import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import { decisionsInTurn, publishDecision } from "./operator-settings.ts";

const TEN = Date.UTC(2021, 0, 13, 15, 0);
const CLOCK = "ops.clock.v1";
const VALUES = ["squeeze_aggressive", "catalyst_heavy", "balanced_default"];

const DEFAULTS = { split: [{ strategy: "hybrid_v1", weight: 100 }], days: 14 } as const;

async function logWithTick() {
  const log = createMemoryLog(systemLayout(2), () => 0);
  const value = encodeEvent(CLOCK, { happenedAt: TEN, cuts: [], discovery: false, source: "test" });
  const id = uuidOf("tick");
  const headers = eventHeaders({ id, source: "/amc/test", topic: CLOCK, happenedAt: TEN });
  await log.commit({ appends: [{ topic: CLOCK, partition: 0, key: null, value, headers }] });
  return log;
}

const decisions = VALUES.map((value) => ({
  ...{ setting: "preset", value, actor: "ann", reason: "a test" },
}));

describe("decisions made at once", () => {
  it("follow each other in event time, in the order of the calls", async () => {
    const publish = decisionsInTurn(await logWithTick(), DEFAULTS);
    const controls = await Promise.all(decisions.map(publish));
    expect(controls.map((control) => [control?.value, control?.publishedAt])).toEqual(
      VALUES.map((value, index) => [value, TEN + 1 + index]),
    );
  });

  it("control: would share an instant, and so have no order, if nobody waited for the one before", async () => {
    const log = await logWithTick();
    const controls = await Promise.all(decisions.map((one) => publishDecision(log, one, DEFAULTS)));
    expect(new Set(controls.map((control) => control?.publishedAt)).size).toBe(1);
  });

  it("are not held up by one that fails", async () => {
    const log = await logWithTick();
    const publish = decisionsInTurn(log, DEFAULTS);
    const commit = log.commit.bind(log);
    log.commit = async () => {
      log.commit = commit;
      throw new Error("the first fails");
    };
    const [first, second] = await Promise.allSettled(decisions.slice(0, 2).map(publish));
    expect(first?.status).toBe("rejected");
    expect(second).toMatchObject({ status: "fulfilled", value: { value: "catalyst_heavy" } });
  });
});
