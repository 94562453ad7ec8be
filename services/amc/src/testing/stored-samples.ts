import { newOutbox, newSeenAlerts } from "@amc/alert-sender/sms/outbox";
import {
  type PlayState,
  stateChange as playChange,
} from "@amc/ingest-recordings/play/progress-state";
import { collectedChange } from "@amc/ingest-short-interest/collection/collected-dates";
import { type JobStanding, standingChange } from "@amc/platform/jobs/job-standing";
import { HeldFacts } from "@amc/platform/runtime/held-facts";
import { HighWaterMarks } from "@amc/platform/runtime/high-water-marks";
import { LastTick } from "@amc/platform/runtime/last-tick";
import { type ClockState, stateChange as clockChange } from "@amc/scheduler/clock-state";
import { encodeEvent } from "@amc/schemas/codec";
import { DailyWindow, WINDOW_CODEC } from "@amc/streams/features/daily-window";
import { REFERENCE_CODEC } from "@amc/streams/features/reference-codec";
import { SeenFacts } from "@amc/streams/features/seen-facts";
import { SESSION_CODEC } from "@amc/streams/features/session-codec";
import { SessionState } from "@amc/streams/features/session-state";
import { addUuid } from "@amc/streams/kernel/ids";
import { KeyedStore, type Persistent, type StoredChange } from "@amc/streams/kernel/keyed-store";
import type { AnyEvent, Stage } from "@amc/streams/kernel/stage";
import type { StateCodec } from "@amc/streams/kernel/state-codec";
import { candidateFor, shadowSlotFor, slotClosedFor } from "@amc/streams/testing/candidate-builder";
import { experimentPlanned } from "@amc/streams/testing/experiment-events";
import { featuresOf } from "@amc/streams/testing/features-builder";
import { KNOWN_PROVENANCE, KNOWN_REFERENCE } from "@amc/streams/testing/known-reference";
import { shortInterestFact } from "@amc/streams/testing/symbol-facts";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { daysChange } from "../live/market-days.ts";

/** One stored value, every field of which differs from its neighbours and from zero. */
export interface StoredSample {
  readonly store: string;
  readonly key: string;
  readonly bytes: Uint8Array;
}

const AT = Date.UTC(2021, 0, 13, 15, 0);
const ID = "0198c0de-1234-8000-8000-00000000000a";
const OTHER_ID = "0198c0de-5678-8000-8000-00000000000b";

/** A sample of every kind of state that stages and runtime store. */
export function storedSamples(): readonly StoredSample[] {
  return [
    keyed("features.window", WINDOW_CODEC, window()),
    keyed("features.session", SESSION_CODEC, session()),
    keyed("features.reference", REFERENCE_CODEC, KNOWN_REFERENCE),
    ...taken(seenFacts()),
    ...steppedBy("features", [control("profile", "strict"), tick]),
    ...steppedBy("short-quality", SHORT_REPORTS),
    ...steppedBy("verdict", [control("profile", "strict"), experimentPlanned(), tick]),
    ...steppedBy("discovery", SLOTS),
    ...steppedBy("shadow", SHADOW_SLOTS),
    ...runtimeSamples(),
    ...smsSamples(),
    ...changed(
      playChange("built-in", PLAY),
      clockChange(CLOCK),
      collectedChange("short interest", TRADING_DAY, false),
      standingChange("data_cleanup", STANDING),
      daysChange("polygon", [TRADING_DAY]),
    ),
  ];
}

function taken(...stores: readonly Persistent[]): StoredSample[] {
  return stores.flatMap((store) => changed(...store.takeChanges()));
}

function changed(...changes: readonly StoredChange[]): StoredSample[] {
  return changes.flatMap(({ store, key, value }) =>
    value === null ? [] : [{ store, key, bytes: value.slice() }],
  );
}

function keyed<Value>(name: string, codec: StateCodec<Value>, value: Value): StoredSample {
  const store = new KeyedStore(name, codec);
  store.set("GME", value);
  const [sample] = taken(store);
  if (sample === undefined) throw new Error(`${name} stored nothing`);
  return sample;
}

function window(): DailyWindow {
  const stored = new DailyWindow();
  const prices = { open: 19.5, high: 20.75, low: 19.25, close: 19.95, volume: 9_000_000.5 };
  const one = addedUp(ID);
  stored.put(
    { date: "2021-01-11", ...prices, scope: "REGULAR", factCount: 1, firstId: ID, idSum: one },
    ID,
  );
  const two = addedUp(ID, OTHER_ID);
  stored.put(
    { date: "2021-01-12", ...prices, scope: "VENUE", factCount: 2, firstId: ID, idSum: two },
    OTHER_ID,
  );
  return stored;
}

function addedUp(...ids: readonly string[]): Uint32Array {
  const sum = new Uint32Array(4);
  for (const id of ids) addUuid(sum, id);
  return sum;
}

function session(): SessionState {
  const stored = Object.assign(new SessionState("2021-01-13"), {
    ...{ ticks: 61, regularTicks: 31, priceVolume: 1.5e8, volume: 7e6, extendedVolume: 2e5 },
    ...{ dollarVolume: 1.6e8, open: 20.42, regularHigh: 23.5, regularLow: 20.03 },
    ...{ regularClose: 22.91, openAt: AT - 1_800_000, regularCloseAt: AT, firstPrice: 20.1 },
    ...{ firstPriceAt: AT - 7_200_000, high: 23.75, low: 19.9, price: 22.9, priceAt: AT - 1_000 },
    ...{ publishedAt: AT - 900, capturedAt: AT - 800, source: "vendor", confidence: 0.9 },
    ...{ mixedScopes: true, suspectPrints: 3, lateFacts: 2, crossedLevels: 1 },
    ...{ firstId: ID, lastId: OTHER_ID, dailyJudged: true, jumpAge: 4, previous: KNOWN_PROVENANCE },
  });
  stored.scope = "EXTENDED";
  stored.daily = {
    ...KNOWN_PROVENANCE,
    ...{ open: 20.5, high: 38.65, low: 20.25, close: 31.4, volume: 1.4e8, scope: "REGULAR" },
  };
  stored.idSum.set(addedUp(ID, OTHER_ID));
  return stored;
}

const halt = {
  topic: "market.halt.v1",
  id: ID,
  key: "GME",
  checksum: 0x89abcdef,
  value: {
    symbol: "GME",
    ...{ happenedAt: AT, publishedAt: AT, capturedAt: AT, source: "vendor", confidence: 1 },
    ...{ stale: false, providerLatencyMs: null, simulated: false },
    ...{ status: "HALTED", reason: "LUDP" },
  },
} as const satisfies AnyEvent;

function seenFacts(): SeenFacts {
  const seen = new SeenFacts("features.seen");
  seen.memoryOf("GME").sight(halt, true);
  return seen;
}

function control(setting: string, value: string): AnyEvent {
  const times = { happenedAt: AT - 2, publishedAt: AT - 1 };
  const decision = { setting, value, ...times, actor: "ann", reason: "a sample" };
  return { topic: "ops.control.v1", id: ID, key: setting, value: decision };
}

const tick = {
  topic: "ops.clock.v1",
  id: OTHER_ID,
  key: null,
  value: { happenedAt: AT, cuts: [], discovery: true, source: "recording" },
} as const satisfies AnyEvent;

const TRADING_DAY = "2021-01-13";
const LATER = { slot: AT + 900_000, happenedAt: AT + 900_000 };

/** One slot whose run is made, and one that waits for its second partition. */
const SLOTS: readonly AnyEvent[] = [
  ...[candidateFor("GME"), candidateFor("GME", LATER)].map(
    (value): AnyEvent => ({
      ...{ topic: "discovery.candidate.v1", id: ID, key: TRADING_DAY, value },
    }),
  ),
  ...[slotClosedFor(0, 1, 1), slotClosedFor(0, 2, 1, LATER)].map(
    (value): AnyEvent => ({
      ...{ topic: "ops.slot-closed.v1", id: OTHER_ID, key: TRADING_DAY, value },
    }),
  ),
];

const FOUND = [{ symbol: "GME", score: 0.72, confidence: 0.6, label: "WATCHLIST" }] as const;

/** One run that is compared, and one that waits for its second partition. */
const SHADOW_SLOTS: readonly AnyEvent[] = [
  shadowSlotFor(0, 1),
  shadowSlotFor(0, 2, { ...LATER, listed: 1, candidates: FOUND, shadowCandidates: FOUND }),
].map(
  (value): AnyEvent => ({
    ...{ topic: "ops.shadow-slot.v1", id: OTHER_ID, key: TRADING_DAY, value },
  }),
);

/** A report that is a jump, told with its alert, and a split. */
const SHORT_REPORTS: readonly AnyEvent[] = [
  {
    ...{ topic: "market.corporate-action.v1", id: OTHER_ID, key: "TEST" },
    value: {
      symbol: "TEST",
      ...{ happenedAt: AT, publishedAt: AT, capturedAt: AT, source: "vendor", confidence: 1 },
      ...{ stale: false, providerLatencyMs: null, simulated: false },
      ...{ action: "SPLIT", effectiveAt: AT + 86_400_000, ratio: 4, newSymbol: null },
    },
  },
  {
    ...shortInterestFact(AT - 3, {
      ...{ happenedAt: AT - 1_123_200_000, capturedAt: AT - 2, source: "finra", simulated: false },
      ...{ sharesShort: 9_000_000, daysToCover: 8.18, averageDailyVolume: 1_100_000.5 },
    }),
    id: ID,
  },
  {
    ...{ topic: "signals.features.v1", id: OTHER_ID, key: "TEST" },
    value: featuresOf({ symbol: "TEST" }),
  },
  tick,
];

function steppedBy(name: string, events: readonly AnyEvent[]): StoredSample[] {
  const task = stageNamed(name).init({ partition: 0, partitions: 1, emit: () => undefined });
  for (const event of events) task.step(event);
  return taken(...task.stores);
}

function stageNamed(name: string): Stage {
  const stages = createTopology(DEFAULT_TOPOLOGY).flatMap((subtopology) => subtopology.stages);
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`there is no stage ${name}`);
  return stage;
}

function runtimeSamples(): StoredSample[] {
  const headers = { ce_id: ID, "amc-stage": "features", "amc-source": "market.halt.v1/3/1042#7" };
  const record = {
    ...{ topic: "market.halt.v1", partition: 3, offset: 1_043, key: "GME", appendedAtMs: AT + 5 },
    ...{ value: encodeEvent("market.halt.v1", halt.value), headers },
  };
  const held = new HeldFacts();
  held.hold({ event: halt, record, publishedAt: AT + 60_000, rank: 1 });
  const clock = new LastTick();
  clock.set(tick.value);
  const marks = new HighWaterMarks();
  marks.isCopy(record);
  return taken(held.store, clock.store, marks.store);
}

/** A message of which it is not known whether it was taken, and the alert that it is about. */
function smsSamples(): StoredSample[] {
  const [outbox, seen] = [newOutbox(), newSeenAlerts()];
  outbox.set(`${ID}/0f1e2d3c4b5a6978`, {
    ...{ alertId: ID, recipient: "0f1e2d3c4b5a6978", symbol: "GME", text: "GME rises [0198c0de]" },
    ...{ requestedAt: AT, receivedAt: AT + 1_000, attempt: 2, intentAt: AT + 2_000 },
    ...{ traceparent: `00-${"4b".repeat(16)}-${"7a".repeat(8)}-01`, runId: OTHER_ID },
  });
  seen.set(ID, AT + 3_000);
  return taken(outbox, seen);
}

const PLAY: PlayState = {
  fingerprint: "f1",
  ...{ items: 1, facts: 2, rejected: 3, duplicates: 4, ticks: 5, isDone: false },
  ...{ lastTickMs: AT, openSliceMs: AT + 60_000, ends: { "market.news.v1": [6, 7] } },
};

const STANDING: JobStanding = {
  ...{ dueAt: AT, attempt: 2, interruptions: 1, state: "waiting" },
  ...{ startedAt: AT + 1_000, retryAt: AT + 60_000 },
};

const CLOCK: ClockState = {
  lastTickMs: AT,
  plan: {
    ticks: [AT + 1_000],
    cuts: [{ topic: "market.news.v1", ends: [6, 7] }],
    runs: [{ job: "data_cleanup", atMs: AT + 1_000 }],
  },
};
