import type {
  Candidate,
  CircuitBreaker,
  Clock,
  Delivery,
  Detection,
  PriceTick,
  ProviderCall,
  Recommendation,
  Requested,
  Run,
  ShortInterest,
  StageTiming,
  Verdict,
} from "@amc/schemas/generated/events";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import { uuidOf } from "../kernel/ids.ts";
import type { AnyEvent, StageEvent } from "../kernel/stage.ts";
import { runIdOfVerdict } from "../projections/verdicts/run-id.ts";
import { featuresOf, TEN_O_CLOCK } from "./features-builder.ts";

/** An event with an id from its topic, key and instant, so that equal calls give equal events. */
function eventOf<Topic extends TopicName>(
  topic: Topic,
  key: string | null,
  value: EventOf<Topic>,
  name = `${key}/${"happenedAt" in value ? value.happenedAt : ""}`,
): StageEvent<Topic> {
  return { topic, id: uuidOf(`${topic}/${name}`), key, value, checksum: 0, late: false };
}

const TIMES = {
  happenedAt: TEN_O_CLOCK,
  publishedAt: TEN_O_CLOCK,
  capturedAt: TEN_O_CLOCK,
} as const;

const RULES = {
  strategy: "unified_detectors",
  profile: "strict",
  preset: "balanced",
  configVersion: "c0ffee",
} as const;

const SHORT_INTEREST = {
  sharesShort: 71_196_206,
  shortFraction: 1.51841,
  daysToCover: 5.237,
  shortPublishedAt: Date.UTC(2021, 0, 12, 23),
  shortInterestQuality: 0.89,
} as const;

export function clockTick(known: Partial<Clock> = {}): StageEvent<"ops.clock.v1"> {
  const value = {
    happenedAt: TEN_O_CLOCK,
    cuts: [],
    discovery: true,
    source: "test",
    ...known,
  };
  return eventOf("ops.clock.v1", null, value);
}

export function shortInterest(known: Partial<ShortInterest> = {}): StageEvent<"short.interest.v1"> {
  const value: ShortInterest = {
    symbol: "GME",
    ...TIMES,
    source: "finra",
    confidence: 1,
    stale: false,
    providerLatencyMs: null,
    simulated: false,
    settlementDate: "2020-12-31",
    sharesShort: 71_196_206,
    previousSharesShort: null,
    averageDailyVolume: null,
    daysToCover: null,
    precision: "EXACT",
    revision: false,
    ...known,
  };
  return eventOf("short.interest.v1", value.symbol, value);
}

export function priceTick(known: Partial<PriceTick> = {}): StageEvent<"market.price-tick.v1"> {
  const value: PriceTick = {
    symbol: "GME",
    ...TIMES,
    source: "vendor",
    confidence: 1,
    stale: false,
    providerLatencyMs: null,
    simulated: false,
    kind: "BAR",
    intervalMs: 60_000,
    open: 20,
    high: 21,
    low: 19.5,
    close: 20.5,
    volume: 1000,
    volumeScope: "CONSOLIDATED",
    vwap: null,
    tradeCount: null,
    bid: null,
    ask: null,
    auction: false,
    ...known,
  };
  return eventOf("market.price-tick.v1", value.symbol, value);
}

export function features(
  known: Parameters<typeof featuresOf>[0] = {},
): StageEvent<"signals.features.v1"> {
  const value = featuresOf({ symbol: "GME", ...known });
  return eventOf("signals.features.v1", value.symbol, value);
}

export function detection(known: Partial<Detection> = {}): StageEvent<"signals.detection.v1"> {
  const value: Detection = {
    symbol: "GME",
    ...TIMES,
    simulated: false,
    detector: "volume_momentum",
    featuresId: features({ symbol: known.symbol ?? "GME" }).id,
    trigger: "SLOT",
    slot: TEN_O_CLOCK,
    score: 0.93,
    confidence: 0.98,
    label: "EXPLOSIVE",
    signals: ["relvol"],
    components: [{ name: "relvol", value: 0.9, weight: 0.4, reason: null }],
    missing: [],
    dataSources: ["vendor"],
    error: null,
    ...known,
  };
  const name = `${value.symbol}/${value.detector}/${value.happenedAt}`;
  return eventOf("signals.detection.v1", value.symbol, value, name);
}

export function verdict(known: Partial<Verdict> = {}): StageEvent<"signals.verdict.v1"> {
  const value: Verdict = {
    symbol: "GME",
    ...TIMES,
    simulated: false,
    featuresId: features({ symbol: known.symbol ?? "GME" }).id,
    detectionIds: [detection({ symbol: known.symbol ?? "GME" }).id],
    trigger: "SLOT",
    slot: TEN_O_CLOCK,
    session: "REGULAR",
    tradingDay: "2021-01-13",
    ...RULES,
    price: 20.5,
    passed: true,
    label: "WATCHLIST",
    score: 0.73755,
    rawScore: 0.73755,
    confidence: 0.81,
    firstFailure: null,
    gates: [],
    floatPath: "small",
    softFactor: 1,
    softPenalties: [{ name: "session", penalty: 0.1, detail: "premarket" }],
    contributions: [],
    tags: [],
    evaluable: true,
    priceVolumePassed: true,
    missing: [],
    ...SHORT_INTEREST,
    volumeSpike: 3.1,
    reasons: ["volume is 3.1 times its usual"],
    ...known,
  };
  return eventOf("signals.verdict.v1", value.symbol, value);
}

export function candidate(known: Partial<Candidate> = {}): StageEvent<"discovery.candidate.v1"> {
  const value: Candidate = {
    tradingDay: "2021-01-13",
    symbol: "GME",
    ...TIMES,
    simulated: false,
    slot: TEN_O_CLOCK,
    trigger: "SLOT",
    session: "REGULAR",
    ...RULES,
    verdictId: verdict({ symbol: known.symbol ?? "GME" }).id,
    featuresId: features({ symbol: known.symbol ?? "GME" }).id,
    score: 0.73755,
    confidence: 0.81,
    listed: true,
    label: "WATCHLIST",
    price: 20.5,
    reasons: ["volume is 3.1 times its usual"],
    contributions: [],
    ...SHORT_INTEREST,
    volumeSpike: 3.1,
    squeezeLabel: null,
    squeezeScore: null,
    ...known,
  };
  const name = `${value.symbol}/${value.slot}`;
  return eventOf("discovery.candidate.v1", value.tradingDay, value, name);
}

/** Id of the run that the evaluations of a slot belong to. */
export function runIdAt(slot: number): string {
  const id = runIdOfVerdict(verdict({ slot }).value);
  if (id === null) throw new TypeError("a slot's verdict belongs to no run");
  return id;
}

export function run(known: Partial<Run> = {}): StageEvent<"discovery.run.v1"> {
  const slot = known.slot ?? TEN_O_CLOCK;
  const value: Run = {
    runId: runIdAt(slot),
    happenedAt: slot,
    publishedAt: slot,
    capturedAt: slot,
    simulated: false,
    tradingDay: "2021-01-13",
    slot,
    trigger: "SLOT",
    session: "REGULAR",
    ...RULES,
    universe: 3,
    evaluable: 3,
    priceVolumePassed: 1,
    passed: 1,
    candidatesBeforeCap: 1,
    candidates: [
      {
        rank: 1,
        symbol: "GME",
        verdictId: verdict().id,
        score: 0.73755,
        confidence: 0.81,
        label: "WATCHLIST",
        price: 20.5,
      },
    ],
    eliminations: [{ gate: "relvol", first: 2, all: 2 }],
    stageCounts: [{ stage: "gates", in: 3, out: 1 }],
    confidenceBuckets: [{ from: 0.8, count: 1 }],
    healthScore: null,
    healthStatus: "healthy",
    healthMessages: [],
    ...known,
  };
  return eventOf("discovery.run.v1", value.runId, value);
}

export function recommendation(
  known: Partial<Recommendation> = {},
): StageEvent<"discovery.recommendation.v1"> {
  const value: Recommendation = {
    symbol: "GME",
    ...TIMES,
    simulated: false,
    runId: runIdAt(known.slot ?? TEN_O_CLOCK),
    slot: TEN_O_CLOCK,
    tradingDay: "2021-01-13",
    session: "REGULAR",
    rank: 1,
    label: "WATCHLIST",
    previousLabel: "NONE",
    score: 0.73755,
    confidence: 0.81,
    price: 20.5,
    ...RULES,
    verdictId: verdict().id,
    featuresId: features().id,
    thesis: "GME trades at 3.1 times its usual volume above VWAP.",
    reasons: ["volume is 3.1 times its usual"],
    contributions: [],
    ...SHORT_INTEREST,
    volumeSpike: 3.1,
    squeezeLabel: null,
    squeezeScore: null,
    ...known,
  };
  return eventOf("discovery.recommendation.v1", value.symbol, value);
}

export function alertRequested(known: Partial<Requested> = {}): StageEvent<"alerts.requested.v1"> {
  const value: Requested = {
    symbol: "GME",
    ...TIMES,
    simulated: false,
    alertType: "discovery_event",
    episode: "GME/up/2021-01-13",
    priority: "HIGH",
    audience: "trader",
    subjectId: recommendation().id,
    title: "GME is trade ready",
    message: "Volume is 3.1 times its usual.",
    ...known,
  };
  return eventOf("alerts.requested.v1", value.symbol, value);
}

export function alertDelivery(known: Partial<Delivery> = {}): StageEvent<"alerts.delivery.v1"> {
  const value: Delivery = {
    symbol: "GME",
    ...TIMES,
    source: "console",
    simulated: false,
    alertId: alertRequested().id,
    channel: "console",
    status: "SENT",
    attempt: 1,
    error: null,
    ...{ recipient: null, reference: null, requestedAt: null },
    ...known,
  };
  return eventOf("alerts.delivery.v1", value.symbol, value);
}

export function stageTiming(known: Partial<StageTiming> = {}): StageEvent<"ops.stage-timing.v1"> {
  const value: StageTiming = {
    stage: "volume_momentum",
    partition: 0,
    slot: TEN_O_CLOCK,
    happenedAt: TEN_O_CLOCK,
    events: 3,
    totalMs: 1.6,
    maxMs: 0.9,
    errors: 0,
    ...known,
  };
  const name = `${value.stage}/${value.partition}/${value.slot}`;
  return eventOf("ops.stage-timing.v1", value.stage, value, name);
}

export function providerCall(
  known: Partial<ProviderCall> = {},
): StageEvent<"ops.provider-call.v1"> {
  const value: ProviderCall = {
    provider: "finra_short",
    endpoint: "otcMarket/regShoDaily",
    happenedAt: TEN_O_CLOCK,
    attempt: 1,
    responseMs: 120,
    statusCode: 200,
    success: true,
    errorCode: null,
    errorMessage: null,
    rateLimited: false,
    circuitBreakerOpen: false,
    simulated: false,
    ...known,
  };
  const name = `${value.provider}/${value.happenedAt}/${value.attempt}`;
  return eventOf("ops.provider-call.v1", value.provider, value, name);
}

export function breakerChange(
  known: Partial<CircuitBreaker> = {},
): StageEvent<"ops.circuit-breaker.v1"> {
  const value: CircuitBreaker = {
    provider: "finra_short",
    happenedAt: TEN_O_CLOCK,
    change: "OPENED",
    failureCount: 3,
    reason: "provider.unavailable",
    autoRecoveryAt: TEN_O_CLOCK + 300_000,
    simulated: false,
    ...known,
  };
  return eventOf("ops.circuit-breaker.v1", value.provider, value);
}

/** One event of every projected topic about one slot of GME. */
export function oneSlot(): readonly AnyEvent[] {
  return [
    priceTick(),
    features(),
    detection(),
    verdict(),
    candidate(),
    run(),
    recommendation(),
    alertRequested(),
    alertDelivery(),
    stageTiming(),
  ];
}
