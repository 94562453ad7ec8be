import type { Log } from "@amc/platform/log/port";
import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { Halt, PriceTick, Verdict } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import { createDetectorStage } from "@amc/streams/detectors/detector-stage";
import { squeeze } from "@amc/streams/detectors/squeeze/detect";
import { uuidOf } from "@amc/streams/kernel/ids";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { DEFAULT_STALENESS } from "@amc/streams/market/shelf-life";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { beforeAll, describe, expect, it } from "vitest";
import { digestsOf, recordsOf } from "./log-digests.ts";
import { replayTopology } from "./replay-topologies.ts";
import { runInMemory } from "./run-topology.ts";
import { simulatedMarket } from "./simulated-market.ts";
import type { FactSlice, SliceFactAppend } from "./slices.ts";

/** The scenarios of R-TST-16 that need no provider, each through the whole of the product's stages. */

const TICKS = "market.price-tick.v1";
const MINUTE_MS = 60_000;
const TOPOLOGY = replayTopology({ ...DEFAULT_SCORING, profile: "proposed" });
const MARKET = withFreshShortInterest([
  ...simulatedMarket({ symbols: 24, warmupSessions: 105, sessions: 1, minutes: 150, seed: 1 }),
]);
const SESSION = MARKET.filter(({ discovery }) => discovery);
const OPEN_MS = (SESSION[0]?.atMs ?? 0) - MINUTE_MS;
/** 09:45 New York: the first slot of the regular session. */
const FIRST_SLOT = OPEN_MS + 15 * MINUTE_MS;
const LAST_SLOT = OPEN_MS + 150 * MINUTE_MS;

/**
 * Short interest as it stands in a market whose provider works: published on the eve of the session
 * and not half a year before it, which would cost more confidence than to have none.
 */
function withFreshShortInterest(market: readonly FactSlice[]): readonly FactSlice[] {
  const topic = "short.interest.v1";
  const eve = market.findLastIndex(({ discovery }) => !discovery);
  const eveMs = market[eve]?.atMs ?? 0;
  const published = market.flatMap(({ facts }) =>
    facts.flatMap((fact) => {
      if (fact.topic !== topic || fact.append.value === null) return [];
      const decoded = decodeEvent(topic, fact.append.value);
      if (!decoded.ok) throw new Error(decoded.message);
      const value = { ...decoded.value, publishedAt: eveMs, capturedAt: eveMs };
      const append = { ...fact.append, value: encodeEvent(topic, value) };
      return [{ ...fact, publishedAt: eveMs, append }];
    }),
  );
  return market.map((slice, index) => {
    const others = slice.facts.filter((fact) => fact.topic !== topic);
    return { ...slice, facts: index === eve ? [...others, ...published] : others };
  });
}

async function eventsOf<Topic extends TopicName>(
  log: Log,
  topic: Topic,
): Promise<readonly EventOf<Topic>[]> {
  const events: EventOf<Topic>[] = [];
  for await (const { value } of recordsOf(log, topic)) {
    const decoded = decodeEvent(topic, value ?? new Uint8Array());
    if (!decoded.ok) throw new Error(`${topic}: ${decoded.message}`);
    events.push(decoded.value);
  }
  return events;
}

async function countOf(log: Log, topic: string): Promise<number> {
  let count = 0;
  for await (const _ of recordsOf(log, topic)) count += 1;
  return count;
}

/** What every change below starts from: the facts of each slice, mapped one by one. */
function changed(map: (fact: SliceFactAppend) => readonly SliceFactAppend[]): FactSlice[] {
  return MARKET.map((slice) => ({ ...slice, facts: slice.facts.flatMap(map) }));
}

/** Intraday ticks of one symbol, each replaced; null drops it. */
function changedTicks(
  symbol: string,
  change: (tick: PriceTick) => PriceTick | null,
): readonly FactSlice[] {
  return changed((fact) => {
    if (fact.topic !== TICKS || fact.append.key !== symbol || fact.append.value === null)
      return [fact];
    const decoded = decodeEvent(TICKS, fact.append.value);
    if (!decoded.ok) throw new Error(decoded.message);
    if (decoded.value.intervalMs >= DAY_MS) return [fact];
    const tick = change(decoded.value);
    if (tick === null) return [];
    return [{ ...fact, append: { ...fact.append, value: encodeEvent(TICKS, tick) } }];
  });
}

function halt(symbol: string, atMs: number, status: Halt["status"]): SliceFactAppend {
  const topic = "market.halt.v1";
  const value: Halt = {
    symbol,
    happenedAt: atMs,
    publishedAt: atMs,
    capturedAt: atMs,
    source: "simulated",
    confidence: 0.95,
    stale: false,
    providerLatencyMs: null,
    simulated: true,
    status,
    reason: "LUDP",
  };
  const id = uuidOf(`simulated/${symbol}/halt/${atMs}`);
  const headers = eventHeaders({ id, source: "/amc/simulated", topic, happenedAt: atMs });
  return {
    topic,
    publishedAt: atMs,
    append: { topic, key: symbol, value: encodeEvent(topic, value), headers },
  };
}

async function verdictsOf(log: Log, symbol: string): Promise<readonly Verdict[]> {
  const verdicts = await eventsOf(log, "signals.verdict.v1");
  return verdicts.filter((verdict) => verdict.symbol === symbol && verdict.slot !== null);
}

async function verdictAt(log: Log, symbol: string, slot: number): Promise<Verdict> {
  const verdict = (await verdictsOf(log, symbol)).find((each) => each.slot === slot);
  if (verdict === undefined) throw new Error(`no verdict of ${symbol} at ${slot}`);
  return verdict;
}

async function recommendedIn(log: Log): Promise<readonly string[]> {
  return (await eventsOf(log, "discovery.recommendation.v1")).map(({ symbol }) => symbol);
}

/** Features and verdicts of all symbols but one, as bytes: what must not change for the others. */
async function othersThan(symbol: string, log: Log): Promise<readonly string[]> {
  const bytes: string[] = [];
  for (const topic of ["signals.features.v1", "signals.verdict.v1"]) {
    for await (const { key, value } of recordsOf(log, topic)) {
      if (key !== symbol) bytes.push(Buffer.from(value ?? []).toString("base64"));
    }
  }
  return bytes;
}

describe("scenario", () => {
  let normal: Log;
  /** Recommended when nothing goes wrong. */
  let chosen: string;

  beforeAll(async () => {
    normal = await runInMemory(MARKET, TOPOLOGY);
    const [first] = await recommendedIn(normal);
    if (first === undefined) throw new Error("nothing is recommended in the undisturbed market");
    chosen = first;
  });

  it("happy path: a symbol that wakes up is recommended, with its price and reasons", async () => {
    const [recommendation] = await eventsOf(normal, "discovery.recommendation.v1");
    expect(recommendation).toMatchObject({ symbol: chosen, simulated: true });
    expect(["WATCHLIST", "TRADE_READY"]).toContain(recommendation?.label);
    expect(recommendation?.price).toBeGreaterThan(0);
    expect(recommendation?.reasons.length).toBeGreaterThanOrEqual(3);
    const runs = await eventsOf(normal, "discovery.run.v1");
    expect(runs.map(({ slot }) => slot)).toContain(recommendation?.slot);
    expect(await countOf(normal, `${TICKS}.dlq`)).toBe(0);
  });

  it("stale data: an old price costs confidence, and the verdict says how old it is", async () => {
    const silentFrom = OPEN_MS + 45 * MINUTE_MS;
    const log = await runInMemory(
      changedTicks(chosen, (tick) => (tick.happenedAt > silentFrom ? null : tick)),
      TOPOLOGY,
    );
    const fresh = await verdictAt(normal, chosen, LAST_SLOT);
    const stale = await verdictAt(log, chosen, LAST_SLOT);
    const age = (LAST_SLOT - silentFrom) / MINUTE_MS;
    expect(stale.softPenalties).toContainEqual({
      name: "data-age",
      penalty: expect.closeTo((0.1 * (age - 60)) / 60, 9),
      detail: `price ${age} minutes old`,
    });
    expect(fresh.softPenalties.map(({ name }) => name)).not.toContain("data-age");
    expect(stale.softFactor).toBeLessThan(fresh.softFactor);
    expect(stale.confidence).toBeLessThan(fresh.confidence);
  });

  it("bad data: what cannot be read becomes dead letters and everybody else goes on", async () => {
    let bad = 0;
    const log = await runInMemory(
      changed((fact) => {
        if (fact.append.key !== chosen || fact.topic !== TICKS || fact.publishedAt < OPEN_MS)
          return [fact];
        bad += 1;
        return [{ ...fact, append: { ...fact.append, value: new Uint8Array([0, 0, 0, 0, 7]) } }];
      }),
      TOPOLOGY,
    );
    expect(bad).toBeGreaterThan(100);
    expect(await countOf(log, `${TICKS}.dlq`)).toBe(bad);
    expect(await othersThan(chosen, log)).toEqual(await othersThan(chosen, normal));
    expect(await recommendedIn(log)).not.toContain(chosen);
  });

  it("missing provider: without short interest it is null with its reason, and nothing stands in", async () => {
    const log = await runInMemory(
      changed((fact) => (fact.topic === "short.interest.v1" ? [] : [fact])),
      TOPOLOGY,
    );
    const slots = (await eventsOf(log, "signals.features.v1")).filter(({ slot }) => slot !== null);
    expect(slots.length).toBeGreaterThan(100);
    for (const { sharesShort, shortFraction, daysToCover, missing, inputs } of slots) {
      expect({ sharesShort, shortFraction, daysToCover }).toEqual({
        sharesShort: null,
        shortFraction: null,
        daysToCover: null,
      });
      expect(missing).toContainEqual({
        feature: "sharesShort",
        reason: "not-published",
        have: null,
        need: null,
      });
      expect(inputs.map(({ role }) => role)).not.toContain("shortInterest");
    }
    const verdict = await verdictAt(log, chosen, LAST_SLOT);
    expect(verdict.softPenalties).toContainEqual({
      name: "missing-provider",
      penalty: 0.15,
      detail: "short-interest",
    });
    expect(verdict.confidence).toBeLessThan(
      (await verdictAt(normal, chosen, LAST_SLOT)).confidence,
    );
  });

  it("duplicate data: every fact twice gives what every fact once gives", async () => {
    const log = await runInMemory(
      changed((fact) => [fact, fact]),
      TOPOLOGY,
    );
    expect(await digestsOf(log)).toEqual(await digestsOf(normal));
  });

  it("late data: a tick that comes after its slice is used and marked, and nobody else notices", async () => {
    const lateFrom = OPEN_MS + 40 * MINUTE_MS;
    let late: SliceFactAppend[] = [];
    const facts = MARKET.map((slice) => {
      const due = late;
      late =
        slice.atMs === lateFrom ? slice.facts.filter(({ append }) => append.key === chosen) : [];
      return { ...slice, facts: [...due, ...slice.facts.filter((fact) => !late.includes(fact))] };
    });
    const log = await runInMemory(facts, TOPOLOGY);
    const flagsAt = async (of: Log, slot: number) =>
      (await eventsOf(of, "signals.features.v1")).find(
        (features) => features.symbol === chosen && features.slot === slot,
      )?.flags;
    expect(await flagsAt(log, OPEN_MS + 30 * MINUTE_MS)).toEqual([]);
    expect(await flagsAt(log, OPEN_MS + 45 * MINUTE_MS)).toEqual(["late-fact"]);
    expect(await flagsAt(normal, OPEN_MS + 45 * MINUTE_MS)).toEqual([]);
    expect(await othersThan(chosen, log)).toEqual(await othersThan(chosen, normal));
  });

  it("unexplained jump: a price three times yesterday's on usual volume is not traded on", async () => {
    const log = await runInMemory(
      changedTicks(chosen, ({ open, high, low, close, ...rest }) => ({
        ...rest,
        open: open * 3,
        high: high * 3,
        low: low * 3,
        close: close * 3,
      })),
      TOPOLOGY,
    );
    const { gates, passed, label } = await verdictAt(log, chosen, FIRST_SLOT);
    expect(gates.find(({ gate }) => gate === "tradable")).toMatchObject({
      outcome: "FAILED",
      reason: "suspect:unexplained-jump",
    });
    expect({ passed, label }).toEqual({ passed: false, label: "NONE" });
    expect(await recommendedIn(log)).not.toContain(chosen);
  });

  it("halted symbol: it is not recommended while halted, and judged again once trading resumes", async () => {
    const resumesAt = OPEN_MS + 100 * MINUTE_MS;
    const halts = new Map([
      [OPEN_MS + MINUTE_MS, "HALTED"],
      [resumesAt, "RESUMED"],
    ] as const);
    const facts = MARKET.map((slice) => {
      const status = halts.get(slice.atMs);
      if (status === undefined) return slice;
      return { ...slice, facts: [...slice.facts, halt(chosen, slice.atMs, status)] };
    });
    const log = await runInMemory(facts, TOPOLOGY);
    const verdicts = await verdictsOf(log, chosen);
    const during = verdicts.filter(({ happenedAt }) => happenedAt < resumesAt);
    const after = verdicts.filter(({ happenedAt }) => happenedAt >= resumesAt);
    const tradable = ({ gates }: Verdict) => gates.find(({ gate }) => gate === "tradable");
    expect(during.length).toBeGreaterThan(3);
    for (const verdict of during) {
      expect(tradable(verdict)).toMatchObject({ outcome: "FAILED", reason: "halted" });
      expect(verdict.label).toBe("NONE");
    }
    expect(after.length).toBeGreaterThan(0);
    for (const verdict of after) expect(tradable(verdict)?.outcome).toBe("PASSED");
    const issued = (await eventsOf(log, "discovery.recommendation.v1")).filter(
      ({ symbol, happenedAt }) => symbol === chosen && happenedAt < resumesAt,
    );
    expect(issued).toEqual([]);
  });

  it("failing detector: its error is in its events and counted, and the run goes on without it", async () => {
    const broken = {
      ...squeeze,
      detect: () => {
        throw new RangeError("planted");
      },
    };
    const quiet = { failFast: false, staleness: DEFAULT_STALENESS };
    const topology = TOPOLOGY.map((subtopology) => ({
      ...subtopology,
      stages: subtopology.stages.map((stage) =>
        stage.name === squeeze.name ? createDetectorStage(broken, quiet) : stage,
      ),
    }));
    const log = await runInMemory(MARKET, topology);
    const runs = await eventsOf(log, "discovery.run.v1");
    expect(runs).toHaveLength((await eventsOf(normal, "discovery.run.v1")).length);
    const marks = (await eventsOf(log, "signals.detection.v1")).filter(
      ({ slot, error }) => slot !== null && error !== null,
    );
    expect(
      new Set(marks.map(({ detector, score, error }) => `${detector} ${score} ${error}`)),
    ).toEqual(new Set(["squeeze null detector-failed:RangeError"]));
    const timings = await eventsOf(log, "ops.stage-timing.v1");
    for (const { happenedAt, stage, errors } of timings) {
      const ofSlice = marks.filter((mark) => mark.happenedAt === happenedAt).length;
      expect({ stage, errors }).toEqual({ stage, errors: stage === "squeeze" ? ofSlice : 0 });
    }
    expect(timings.some(({ errors }) => errors > 0)).toBe(true);
  });
});
