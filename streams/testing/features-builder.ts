import type { Features, Input, Missing } from "@amc/schemas/generated/events";

/** 2021-01-13T15:00:00Z: 10:00 in New York, a regular session. */
export const TEN_O_CLOCK = Date.UTC(2021, 0, 13, 15, 0, 0);

const TOPIC_OF_ROLE = {
  sessionTicks: "market.price-tick.v1",
  dailyBars: "market.price-tick.v1",
  shortInterest: "short.interest.v1",
  shortVolume: "short.volume.v1",
  failsToDeliver: "short.fails-to-deliver.v1",
  floatShares: "market.reference.v1",
  sharesOutstanding: "market.reference.v1",
  borrowFee: "market.reference.v1",
  utilisation: "market.reference.v1",
  thresholdList: "market.reference.v1",
  options: "market.options.v1",
  news: "market.news.v1",
} as const satisfies Record<string, string>;

type InputRole = keyof typeof TOPIC_OF_ROLE;

/** Nothing known: every value null. */
const NOTHING_KNOWN: Features = {
  symbol: "TEST",
  happenedAt: TEN_O_CLOCK,
  publishedAt: TEN_O_CLOCK,
  capturedAt: TEN_O_CLOCK,
  simulated: false,
  trigger: "SLOT",
  slot: TEN_O_CLOCK,
  session: "REGULAR",
  tradingDay: "2021-01-13",
  crossings: [],
  price: null,
  priceAt: null,
  prevClose: null,
  dayOpen: null,
  dayHigh: null,
  dayLow: null,
  vwap: null,
  sessionVolume: null,
  extendedVolume: null,
  dollarVolume: null,
  adv30: null,
  adv5: null,
  volumeSpikeRaw: null,
  volumeSpike: null,
  volumeSpikeEarly: null,
  volumeSpikeConfirmation: null,
  relvol30: null,
  relvol5: null,
  atr14: null,
  atrPct: null,
  rsi14: null,
  rsi14Live: null,
  ema9: null,
  ema20: null,
  ema9Live: null,
  ema20Live: null,
  macd: null,
  macdSignal: null,
  macdHistogram: null,
  uptrendDays: null,
  priceChange5d: null,
  high20: null,
  floatShares: null,
  floatPrecision: null,
  sharesOutstanding: null,
  floatRatio: null,
  sharesShort: null,
  shortSettlementDate: null,
  shortPublishedAt: null,
  shortInterestQuality: null,
  shortFraction: null,
  daysToCover: null,
  sharesShortChange: null,
  shortVolumeFraction: null,
  failsToDeliverFlag: null,
  thresholdFlag: null,
  borrowFee: null,
  utilisation: null,
  atmIv: null,
  ivPercentile: null,
  callPutRatio: null,
  gammaWallStrike: null,
  optionsVolumeRatio: null,
  optionsConfidence: null,
  newsSentiment: null,
  newsSources: 0,
  newsConfidence: null,
  socialRank: null,
  nextEventDays: null,
  flags: [],
  completedSessions: 250,
  intraday: true,
  missing: [],
  inputs: [],
};

/** Features in which only `known` is known; fresh inputs of weight 1 and reasons are filled in. */
export function featuresOf(known: Partial<Features>): Features {
  const at = known.happenedAt ?? TEN_O_CLOCK;
  const merged: Features = {
    ...NOTHING_KNOWN,
    happenedAt: at,
    publishedAt: at,
    capturedAt: at,
    slot: at,
    priceAt: known.price === undefined ? null : at,
    ...known,
  };
  return {
    ...merged,
    missing: known.missing ?? missingOf(merged),
    inputs: known.inputs ?? allInputs(at),
  };
}

/** One fresh input of weight 1 for every role. */
function allInputs(at: number): Input[] {
  const inputs: Input[] = [];
  for (const role in TOPIC_OF_ROLE)
    if (isRole(role)) inputs.push(inputOf(role, { happenedAt: at, publishedAt: at }));
  return inputs;
}

export function inputOf(role: InputRole, known: Partial<Input> = {}): Input {
  return {
    role,
    topic: TOPIC_OF_ROLE[role],
    source: role === "shortInterest" ? "finra" : "vendor",
    confidence: 1,
    firstId: "00000000-0000-8000-8000-000000000001",
    lastId: "00000000-0000-8000-8000-000000000002",
    count: 2,
    hash: "0".repeat(32),
    happenedAt: TEN_O_CLOCK,
    publishedAt: TEN_O_CLOCK,
    ...known,
  };
}

/** Passes every gate of the strict profile in the regular session (base of TV-GA). */
export const PASSING = {
  relvol30: 3,
  relvol5: 3,
  volumeSpike: 3,
  atrPct: 0.05,
  price: 10,
  vwap: 9.9,
  rsi14: 65,
  ema9: 10.2,
  ema20: 9.9,
  floatShares: 40e6,
  dollarVolume: 5e6,
  uptrendDays: 3,
  priceChange5d: 0.12,
} as const satisfies Partial<Features>;

function isRole(role: string): role is InputRole {
  return Object.hasOwn(TOPIC_OF_ROLE, role);
}

function missingOf(features: Features): Missing[] {
  return Object.entries(features)
    .filter(([, value]) => value === null)
    .map(([feature]) => ({ feature, reason: "no-source", have: null, need: null }));
}
