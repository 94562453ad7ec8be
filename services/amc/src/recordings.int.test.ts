import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { checkEvidence } from "@amc/replay/evidence-replay";
import { recordsOf } from "@amc/replay/log-digests";
import { findLookAhead } from "@amc/replay/look-ahead";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { describe, expect, it } from "vitest";
import { RunSummary } from "./output/run-summary.ts";
import { loadRecordingSlices, openRecording } from "./recordings.ts";
import { HAS_RECORDED_DATA, RECORDED_DATA } from "./testing/recorded-data.ts";

const TOPOLOGY = replayTopology();

async function replay(name: string) {
  const facts = await loadRecordingSlices(await openRecording(name, RECORDED_DATA));
  const log = await runInMemory(facts, TOPOLOGY);
  const events: AnyEvent[] = [];
  for (const topic of ["signals.verdict.v1", "discovery.recommendation.v1", "discovery.run.v1"]) {
    for await (const record of recordsOf(log, topic)) {
      const decoded = decodeRecord(record, false);
      if (!decoded.ok) throw new TypeError(`${topic}/${record.offset}: ${decoded.reason}`);
      events.push(decoded.event);
    }
  }
  const summary = new RunSummary();
  for (const event of events) summary.take(event);
  const recommendations = events.flatMap((event) =>
    event.topic === "discovery.recommendation.v1" ? [event.value] : [],
  );
  return { facts, log, recommendations, symbols: summary.symbols() };
}

describe.skipIf(!HAS_RECORDED_DATA)("recordings (need AMC_DATA)", () => {
  it("recommends GME before 10:30 ET of 2021-01-13 below 26 dollars, and not on quiet days", async () => {
    const { recommendations, symbols } = await replay("gme-2021");
    const open = newYorkToUtc("2021-01-13", "09:30");
    const early = recommendations.filter(
      ({ slot }) => slot >= open && slot < newYorkToUtc("2021-01-13", "10:30"),
    );
    expect(early).toHaveLength(1);
    expect(early[0]).toMatchObject({ symbol: "GME", session: "REGULAR", label: "TRADE_READY" });
    expect(early[0]?.price).toBeLessThan(26);
    // Until 2021-01-27 the public figure was that of 2020-12-31, published on the 12th.
    expect(early[0]?.sharesShort).toBe(71_196_206);
    expect(early[0]?.shortPublishedAt).toBe(newYorkToUtc("2021-01-12", "18:00"));
    expect(early[0]?.reasons.length).toBeGreaterThanOrEqual(3);
    const quiet = ["2021-01-06", "2021-01-07", "2021-01-08", "2021-01-12"];
    const days = recommendations.map(({ slot }) => newYorkDateOf(slot));
    expect(days.filter((day) => quiet.includes(day))).toEqual([]);
    const gme = symbols.get("GME");
    expect(gme?.evaluable).toBeGreaterThanOrEqual(0.9 * (gme?.regularSlots ?? Number.NaN));
  });

  it.each(["spy-2013", "aapl-2014"])(
    "stays quiet on the calm tape %s where it could have fired",
    async (name) => {
      const { recommendations, symbols } = await replay(name);
      expect(recommendations).toEqual([]);
      expect(symbols.size).toBe(1);
      for (const symbol of symbols.values()) {
        expect(symbol.regularSlots).toBeGreaterThan(50);
        expect(symbol.evaluable).toBeGreaterThanOrEqual(0.9 * symbol.regularSlots);
        expect(symbol.priceVolumePassed).toBeLessThanOrEqual(0.01 * symbol.evaluable);
      }
    },
  );

  it("says of SPY 2022, which has no daily history, that it is not ready and why", async () => {
    const { recommendations, symbols } = await replay("spy-2022");
    expect(recommendations).toEqual([]);
    const spy = symbols.get("SPY");
    expect(spy?.evaluable).toBe(0);
    expect([...(spy?.missing.keys() ?? [])].join("; ")).toContain(
      "rsi14: warming-up (needs 100 sessions)",
    );
  });

  it("replays the evidence of every GME recommendation to the same recommendation", async () => {
    const { facts, log } = await replay("gme-2021");
    const checks = await checkEvidence(facts, log, TOPOLOGY);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it("sees nothing of the GME future at 10:00 ET of 2021-01-13", async () => {
    const facts = await loadRecordingSlices(await openRecording("gme-2021", RECORDED_DATA));
    const findings = await findLookAhead(
      facts,
      newYorkToUtc("2021-01-13", "10:00"),
      () => TOPOLOGY,
    );
    expect(findings.filter(({ changed }) => changed > 0)).toEqual([]);
    expect(findings.some(({ judge }) => judge === "discovery.recommendation.v1")).toBe(true);
  });
});
