// Generated from schemas/avro by `npm run generate`. Do not edit.
/** State */
export type DeliveryStatus = "SENT" | "DELIVERED" | "FAILED" | "RETRY";

/** An attempt to deliver an alert ended. */
export interface Delivery {
  /** Symbol */
  readonly symbol: string;
  /** When the attempt ended, UTC ms */
  readonly happenedAt: number;
  /** The same */
  readonly publishedAt: number;
  /** The same */
  readonly capturedAt: number;
  /** Sender */
  readonly source: string;
  /** True when the alert is about simulated data */
  readonly simulated: boolean;
  /** ce_id of the request */
  readonly alertId: string;
  /** console, sms, slack or email */
  readonly channel: string;
  /** State */
  readonly status: DeliveryStatus;
  /** 1 is the first */
  readonly attempt: number;
  /** Stable code of a failure */
  readonly error: null | string;
  /** Who it went to, masked, such as +1202•••0100; null where the channel has no recipients, or before they were told apart */
  readonly recipient: null | string;
  /** What the channel calls the message that it took */
  readonly reference: null | string;
  /** Event time of the alert, UTC ms; null where it was not told yet */
  readonly requestedAt: null | number;
}

/** Severity */
export type Priority = "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";

/** An alert that the policy wants delivered. */
export interface Requested {
  /** Equity symbol in its canonical form */
  readonly symbol: string;
  /** Event time of what it is about, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** discovery_event or short_interest_anomaly */
  readonly alertType: string;
  /** Identity of the episode: symbol, direction and trading day */
  readonly episode: string;
  /** Severity */
  readonly priority: Priority;
  /** Who should hear it */
  readonly audience: string;
  /** ce_id of the event it is about */
  readonly subjectId: string;
  /** At most 200 characters */
  readonly title: string;
  /** At most 1600 characters */
  readonly message: string;
}

/** Why the evaluation happened: a discovery slot, a level crossed inside a slice, the official close of a daily-only symbol, or a plain slice (features only) */
export type Trigger = "SLOT" | "CROSSING" | "DAILY" | "SLICE";

/** Trading session of the instant, New York */
export type Session = "PREMARKET" | "REGULAR" | "AFTERHOURS" | "OVERNIGHT" | "CLOSED";

/** Standing of a symbol */
export type Label = "NONE" | "WATCHLIST" | "TRADE_READY";

/** What one detector added to the composite */
export interface Contribution {
  /** Detector */
  readonly detector: string;
  /** Its score */
  readonly score: null | number;
  /** Weight after preset and session override, renormalised to 1 over all */
  readonly weight: number;
  /** Score times weight renormalised over the detectors present */
  readonly contribution: null | number;
  /** Its confidence */
  readonly confidence: null | number;
}

/** A symbol that passed every hard gate in one slot. Keyed by trading day, so that all slots of a day meet on one partition. */
export interface Candidate {
  /** Trading day, yyyy-mm-dd */
  readonly tradingDay: string;
  /** Equity symbol in its canonical form */
  readonly symbol: string;
  /** Instant of the tick that fired the slot, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** Slot, UTC ms */
  readonly slot: number;
  /** SLOT or DAILY */
  readonly trigger: Trigger;
  /** Session */
  readonly session: Session;
  /** Strategy used */
  readonly strategy: string;
  /** Profile used */
  readonly profile: string;
  /** Preset used */
  readonly preset: string;
  /** Hash of the whole configuration in force */
  readonly configVersion: string;
  /** ce_id of the verdict */
  readonly verdictId: string;
  /** ce_id of the features event */
  readonly featuresId: string;
  /** Composite 0 to 1 */
  readonly score: number;
  /** 0 to 1 */
  readonly confidence: number;
  /** True when confidence is high enough to be listed */
  readonly listed: boolean;
  /** Label earned */
  readonly label: Label;
  /** Last price, USD */
  readonly price: null | number;
  /** Strongest reasons in words, best first */
  readonly reasons: readonly string[];
  /** Per weighted detector */
  readonly contributions: readonly Contribution[];
  /** Newest published shares short */
  readonly sharesShort: null | number;
  /** Of float, fraction */
  readonly shortFraction: null | number;
  /** Days */
  readonly daysToCover: null | number;
  /** Publication of the figure, UTC ms */
  readonly shortPublishedAt: null | number;
  /** Quality of the short interest at this instant, 0 to 1, two decimals; null when there is none */
  readonly shortInterestQuality: null | number;
  /** As in the features event */
  readonly volumeSpike: null | number;
  /** Label of the squeeze detector */
  readonly squeezeLabel: null | string;
  /** Score of the squeeze detector */
  readonly squeezeScore: null | number;
}

/** A symbol first reached watchlist on a trading day, or its label rose. */
export interface Recommendation {
  /** Equity symbol in its canonical form */
  readonly symbol: string;
  /** Instant of the tick that fired the slot, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** Run that issued it */
  readonly runId: string;
  /** Slot, UTC ms */
  readonly slot: number;
  /** Trading day, yyyy-mm-dd */
  readonly tradingDay: string;
  /** Session */
  readonly session: Session;
  /** Place in the run */
  readonly rank: number;
  /** New label */
  readonly label: Label;
  /** Label earlier that day */
  readonly previousLabel: Label;
  /** Composite 0 to 1 */
  readonly score: number;
  /** 0 to 1 */
  readonly confidence: number;
  /** Last price, USD */
  readonly price: null | number;
  /** Strategy used */
  readonly strategy: string;
  /** Profile used */
  readonly profile: string;
  /** Preset used */
  readonly preset: string;
  /** Hash of the whole configuration in force */
  readonly configVersion: string;
  /** ce_id of the verdict */
  readonly verdictId: string;
  /** ce_id of the features event */
  readonly featuresId: string;
  /** One sentence a trader understands */
  readonly thesis: string;
  /** Strongest reasons in words, best first */
  readonly reasons: readonly string[];
  /** Per weighted detector */
  readonly contributions: readonly Contribution[];
  /** Newest published shares short */
  readonly sharesShort: null | number;
  /** Of float, fraction */
  readonly shortFraction: null | number;
  /** Days */
  readonly daysToCover: null | number;
  /** Publication of the figure, UTC ms */
  readonly shortPublishedAt: null | number;
  /** Quality of the short interest at this instant, 0 to 1, two decimals; null when there is none */
  readonly shortInterestQuality: null | number;
  /** As in the features event */
  readonly volumeSpike: null | number;
  /** Label of the squeeze detector */
  readonly squeezeLabel: null | string;
  /** Score of the squeeze detector */
  readonly squeezeScore: null | number;
}

/** One place in the ranking */
export interface RankedCandidate {
  /** 1 is best */
  readonly rank: number;
  /** Symbol */
  readonly symbol: string;
  /** ce_id of the verdict */
  readonly verdictId: string;
  /** Composite 0 to 1 */
  readonly score: number;
  /** 0 to 1 */
  readonly confidence: number;
  /** Label earned */
  readonly label: Label;
  /** Last price, USD */
  readonly price: null | number;
}

/** How often one gate ended an evaluation */
export interface GateCount {
  /** Gate */
  readonly gate: string;
  /** Evaluations in which it was the first to fail */
  readonly first: number;
  /** Evaluations in which it failed at all */
  readonly all: number;
}

/** Symbols before and after one stage of the funnel */
export interface StageCount {
  /** Stage */
  readonly stage: string;
  /** Symbols in */
  readonly in: number;
  /** Symbols out */
  readonly out: number;
}

/** Candidates per tenth of confidence */
export interface ConfidenceBucket {
  /** Lower end, inclusive */
  readonly from: number;
  /** Candidates */
  readonly count: number;
}

/** One ranked discovery run. */
export interface Run {
  /** UUID of the run: strategy, profile, configuration version and slot */
  readonly runId: string;
  /** Instant of the tick that fired the slot, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** Trading day, yyyy-mm-dd */
  readonly tradingDay: string;
  /** Slot, UTC ms */
  readonly slot: number;
  /** SLOT or DAILY */
  readonly trigger: Trigger;
  /** Session */
  readonly session: Session;
  /** Strategy used */
  readonly strategy: string;
  /** Profile used */
  readonly profile: string;
  /** Preset used */
  readonly preset: string;
  /** Hash of the whole configuration in force */
  readonly configVersion: string;
  /** Symbols evaluated */
  readonly universe: number;
  /** Of these, with all price-and-volume inputs */
  readonly evaluable: number;
  /** Of these, which passed those gates */
  readonly priceVolumePassed: number;
  /** Passed every hard gate */
  readonly passed: number;
  /** Listed before the cap */
  readonly candidatesBeforeCap: number;
  /** Ranked, at most 100 */
  readonly candidates: readonly RankedCandidate[];
  /** One per gate in gate order; the first counts and passed sum to the universe */
  readonly eliminations: readonly GateCount[];
  /** The funnel */
  readonly stageCounts: readonly StageCount[];
  /** Distribution over the candidates before the cap */
  readonly confidenceBuckets: readonly ConfidenceBucket[];
  /** Discovery health 0 to 1 */
  readonly healthScore: null | number;
  /** healthy, warning or critical */
  readonly healthStatus: string;
  /** What is wrong */
  readonly healthMessages: readonly string[];
}

/** A candidate of one of the two strategies */
export interface ShadowCandidate {
  /** Symbol */
  readonly symbol: string;
  /** Composite 0 to 1 */
  readonly score: number;
  /** 0 to 1 */
  readonly confidence: number;
  /** Label earned */
  readonly label: Label;
}

/** One discovery run compared with what another strategy makes of the same features (R-ABT-08, R-ABT-10). The shadow's candidates are candidates nowhere else. How long a strategy takes is no part of it: stages have no clock. */
export interface ShadowRun {
  /** UUID of the run that is compared */
  readonly runId: string;
  /** UUID that the run would have with the shadow strategy in force */
  readonly shadowRunId: string;
  /** Instant of the tick that fired the slot, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** Trading day, yyyy-mm-dd */
  readonly tradingDay: string;
  /** Slot, UTC ms */
  readonly slot: number;
  /** SLOT or DAILY */
  readonly trigger: Trigger;
  /** Session */
  readonly session: Session;
  /** Strategy that the run was scored with: the baseline */
  readonly strategy: string;
  /** Profile used */
  readonly profile: string;
  /** Preset used */
  readonly preset: string;
  /** Hash of the configuration in force, as the run states it */
  readonly configVersion: string;
  /** Strategy that scored the same features without effect */
  readonly shadowStrategy: string;
  /** Hash that the configuration would have with the shadow strategy in force */
  readonly shadowConfigVersion: string;
  /** Symbols evaluated */
  readonly universe: number;
  /** Of these, symbols that the baseline gave a score to */
  readonly scored: number;
  /** Symbols that the shadow gave a score to */
  readonly shadowScored: number;
  /** Symbols that both gave a score to */
  readonly scoredByBoth: number;
  /** Symbols for which the shadow strategy threw: it has no fallback */
  readonly shadowFailed: number;
  /** Candidates of the baseline, before the cap */
  readonly candidatesBeforeCap: number;
  /** Candidates that the shadow would list, before the cap */
  readonly shadowCandidatesBeforeCap: number;
  /** A: what the run lists, best first */
  readonly candidates: readonly ShadowCandidate[];
  /** B: what the run would list with the shadow strategy in force, best first */
  readonly shadowCandidates: readonly ShadowCandidate[];
  /** Symbols that are in both lists */
  readonly inBoth: number;
  /** Share of the baseline's list that the shadow lists too, 0 to 1; null when unknown */
  readonly overlap: null | number;
  /** Why there is no overlap: baseline-listed-nothing, partitions-missing or partitions-differ */
  readonly overlapReason: null | string;
  /** Whether overlap is at least 0.75; null without overlap */
  readonly overlapReached: null | boolean;
  /** Share of the symbols scored by the baseline that the shadow scored too, 0 to 1; null when unknown */
  readonly coverage: null | number;
  /** Why there is no coverage: baseline-scored-nothing, partitions-missing or partitions-differ */
  readonly coverageReason: null | string;
  /** Whether coverage is at least 0.9; null without coverage */
  readonly coverageReached: null | boolean;
  /** Partitions that compared nothing in this slot; the counts are without them */
  readonly missingPartitions: number;
}

/** One figure by which arms are compared */
export interface ExperimentMetric {
  /** Metric */
  readonly name: string;
  /** Its value; null when the run has none */
  readonly value: null | number;
  /** Why there is no value */
  readonly reason: null | string;
}

/** What one discovery run gave under an experiment. How long it took is measured by the runtime and no part of it. */
export interface ExperimentResult {
  /** Name of the experiment */
  readonly experiment: string;
  /** Arm that the run was given: the strategy it was scored with */
  readonly strategy: string;
  /** 0 to 99: MD5 of subject:experiment, as a number, modulo 100 */
  readonly bucket: number;
  /** SHA-256 of the subject, 64 digits of hex. The subject is the id the run would have without the experiment */
  readonly subjectHash: string;
  /** UUID of the run */
  readonly runId: string;
  /** Instant of the tick that fired the slot, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** Trading day, yyyy-mm-dd */
  readonly tradingDay: string;
  /** Slot, UTC ms */
  readonly slot: number;
  /** SLOT or DAILY */
  readonly trigger: Trigger;
  /** Session */
  readonly session: Session;
  /** Candidates before the cap */
  readonly candidates: number;
  /** Ranked candidates that another strategy scored because this one failed */
  readonly fallbackCandidates: number;
  /** Every metric that is known from the run, in a fixed order */
  readonly metrics: readonly ExperimentMetric[];
}

/** What happens to the security */
export type CorporateActionKind = "SPLIT" | "SYMBOL_CHANGE" | "DELISTING";

/** A split, symbol change or delisting. */
export interface CorporateAction {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** Announcement, UTC ms */
  readonly happenedAt: number;
  /** When the world could first know it, UTC ms; joins use this time */
  readonly publishedAt: number;
  /** When this system received it, UTC ms; in a recording the publication time */
  readonly capturedAt: number;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** What happens */
  readonly action: CorporateActionKind;
  /** First instant at which prices are quoted on the new basis, UTC ms */
  readonly effectiveAt: number;
  /** New shares per old share for a split (7 for 7:1); null otherwise */
  readonly ratio: null | number;
  /** Symbol after a symbol change; null otherwise */
  readonly newSymbol: null | string;
}

/** State of trading from this instant */
export type HaltStatus = "HALTED" | "RESUMED";

/** Trading was halted or resumed. */
export interface Halt {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** Instant of the halt or resumption, UTC ms */
  readonly happenedAt: number;
  /** When the world could first know it, UTC ms; joins use this time */
  readonly publishedAt: number;
  /** When this system received it, UTC ms; in a recording the publication time */
  readonly capturedAt: number;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** State of trading from this instant */
  readonly status: HaltStatus;
  /** Reason code of the exchange; null when it gave none */
  readonly reason: null | string;
}

/** How exactly the publication time is known */
export type TimePrecision = "INSTANT" | "DAY";

/** A headline, or a dated public event, about one symbol. */
export interface News {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** Time the item speaks of, UTC ms */
  readonly happenedAt: number;
  /** When the world could first know it, UTC ms; joins use this time */
  readonly publishedAt: number;
  /** When this system received it, UTC ms; in a recording the publication time */
  readonly capturedAt: number;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** Identity of the item at its source */
  readonly itemId: string;
  /** Headline, at most 500 characters */
  readonly headline: string;
  /** Address of the item */
  readonly url: null | string;
  /** DAY: published at 04:00 ET of the next trading day */
  readonly timePrecision: TimePrecision;
  /** Sentiment -1 to 1 as the source states it, of a feed that states none as read from the headline; null where neither is known */
  readonly polarity: null | number;
  /** Credibility of the outlet 0 to 1; null when unknown */
  readonly credibility: null | number;
  /** Instant of a dated coming event the item announces, UTC ms */
  readonly eventAt: null | number;
}

/** Summary of the nearest option expiry of one underlying as observed at one instant. */
export interface Options {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** Instant of the snapshot, UTC ms */
  readonly happenedAt: number;
  /** When the world could first know it, UTC ms; joins use this time */
  readonly publishedAt: number;
  /** When this system received it, UTC ms; in a recording the publication time */
  readonly capturedAt: number;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** Price of the underlying, USD */
  readonly underlyingPrice: null | number;
  /** Expiration date, yyyy-mm-dd */
  readonly expiry: string;
  /** At-the-money strike, USD */
  readonly strike: number;
  /** Bid of the at-the-money call, USD */
  readonly callBid: null | number;
  /** Ask of the at-the-money call, USD */
  readonly callAsk: null | number;
  /** Bid of the at-the-money put, USD */
  readonly putBid: null | number;
  /** Ask of the at-the-money put, USD */
  readonly putAsk: null | number;
  /** Contracts traded today, all calls of the snapshot */
  readonly callVolume: null | number;
  /** Contracts traded today, all puts of the snapshot */
  readonly putVolume: null | number;
  /** Open contracts, all calls of the snapshot */
  readonly callOpenInterest: null | number;
  /** Open contracts, all puts of the snapshot */
  readonly putOpenInterest: null | number;
  /** Strike above spot within 20 % with the largest call open interest times gamma, USD */
  readonly gammaWallStrike: null | number;
  /** Contracts today over the 30-day mean */
  readonly volumeRatio: null | number;
  /** Rank of the at-the-money volatility in its stored history, 0 to 100; null below 60 observations */
  readonly ivPercentile: null | number;
}

/** What was observed */
export type TickKind = "BAR" | "TRADE" | "QUOTE";

/** Which trading the volume covers */
export type VolumeScope = "CONSOLIDATED" | "REGULAR" | "EXTENDED" | "VENUE";

/** One observation of price and volume over an interval: a bar, or with intervalMs 0 a single trade or quote. */
export interface PriceTick {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** END of the interval (of a daily bar: the end of the span it covers), UTC ms */
  readonly happenedAt: number;
  /** When the world could first know it, UTC ms; joins use this time */
  readonly publishedAt: number;
  /** When this system received it, UTC ms; in a recording the publication time */
  readonly capturedAt: number;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** What was observed */
  readonly kind: TickKind;
  /** Length of the interval in ms; 0 for a single trade or quote; 86400000 for a daily bar */
  readonly intervalMs: number;
  /** First price of the interval, USD per share */
  readonly open: number;
  /** Highest price, USD per share */
  readonly high: number;
  /** Lowest price, USD per share */
  readonly low: number;
  /** Last price, USD per share */
  readonly close: number;
  /** Shares traded in the interval; may be fractional */
  readonly volume: number;
  /** Which trading the volume covers; ratios across scopes are null */
  readonly volumeScope: VolumeScope;
  /** Volume-weighted average price of the interval, USD per share */
  readonly vwap: null | number;
  /** Number of trades in the interval */
  readonly tradeCount: null | number;
  /** Best bid at the end of the interval, USD per share; quotes only */
  readonly bid: null | number;
  /** Best ask at the end of the interval, USD per share; quotes only */
  readonly ask: null | number;
  /** True when the feed marks it as opening or closing auction */
  readonly auction: boolean;
}

/** Which figure */
export type ReferenceField = "FLOAT_SHARES" | "SHARES_OUTSTANDING" | "BORROW_FEE" | "UTILISATION" | "SHORT_SALE_THRESHOLD";

/** EXACT, ROUNDED by the vendor, or an upper BOUND */
export type Precision = "EXACT" | "ROUNDED" | "BOUND";

/** One slow-moving figure about a security, as one source stated it. Revisions are new events; nothing is overwritten. */
export interface Reference {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** Date the figure refers to, UTC ms */
  readonly happenedAt: number;
  /** When the world could first know it, UTC ms; joins use this time */
  readonly publishedAt: number;
  /** When this system received it, UTC ms; in a recording the publication time */
  readonly capturedAt: number;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** Which figure */
  readonly field: ReferenceField;
  /** Shares, or a fraction for fee (per year) and utilisation, or 1/0 for the threshold list */
  readonly value: number;
  /** How exact the figure is */
  readonly precision: Precision;
  /** Where the figure was stated */
  readonly note: null | string;
}

/** INFO: worth knowing; WARNING: to be looked into within the day; CRITICAL: at once */
export type OperationalSeverity = "INFO" | "WARNING" | "CRITICAL";

/** Something about the running system that whoever operates it has to look into; raised once for each cause, by whoever does the job that found it. No alert for traders, and left out of every comparison. */
export interface AlertRaised {
  /** Stable code of what is wrong, 1 to 200 characters: schedule.differs, schedule.unreadable, schedule.unchecked, jobs.below-target or metric.anomaly; others may come */
  readonly kind: string;
  /** How soon somebody has to look */
  readonly severity: OperationalSeverity;
  /** What it is about, 1 to 200 characters: the name of a job, jobs for all of them, or a measured figure and whose it is, such as provider.failures of yahoo */
  readonly subject: string;
  /** Instant that it is about, UTC ms: that of the job's schedule, the end of the measured hour, or the opening of the session in which too many jobs had failed */
  readonly happenedAt: number;
  /** When it was raised, UTC ms, by the clock of whoever does the work */
  readonly raisedAt: number;
  /** What was found, in words, one line of 1 to 500 characters */
  readonly finding: string;
  /** What to do next, in words, one line of 1 to 500 characters */
  readonly advice: string;
  /** What it follows from, a UUID: the id of a job's run, which all of its steps have, or the ce_id of the event that measured the figure */
  readonly causeId: string;
  /** True when what was found rests on a mock or on generated data */
  readonly simulated: boolean;
}

/** OPENED: no calls; HALF_OPENED: calls on trial; CLOSED: calls as usual */
export type BreakerChange = "OPENED" | "HALF_OPENED" | "CLOSED";

/** A change of the circuit breaker that stands before a data provider. */
export interface CircuitBreaker {
  /** Provider, for example finra_short */
  readonly provider: string;
  /** When it changed, UTC ms */
  readonly happenedAt: number;
  /** What it became */
  readonly change: BreakerChange;
  /** Failures in a row up to the change */
  readonly failureCount: number;
  /** Code of the last failure; null when it closes */
  readonly reason: null | string;
  /** When calls are let through on trial, UTC ms; null unless it opened */
  readonly autoRecoveryAt: null | number;
  /** True when it stands before a mock provider */
  readonly simulated: boolean;
}

/** End of what this tick covers in one topic */
export interface Cut {
  /** Input topic */
  readonly topic: string;
  /** First offset of this partition that the tick does not cover */
  readonly endOffset: number;
}

/** A slice tick: time itself as a fact. It names its instant and, for each input topic of its own partition, the end offset of the facts it covers. */
export interface Clock {
  /** Instant t of the tick, UTC ms */
  readonly happenedAt: number;
  /** One per input topic, in topic order */
  readonly cuts: readonly Cut[];
  /** False while history only warms up: no slot fires on such a tick */
  readonly discovery: boolean;
  /** Who wrote the tick */
  readonly source: string;
}

/** An operator setting; the newest record of a key is in force from the tick that covers it. */
export interface Control {
  /** strategy, profile, preset, sessionOverrides, premarketDiscovery, afterhoursDiscovery, discovery or universe */
  readonly setting: string;
  /** New value as text; null returns to the configured value */
  readonly value: null | string;
  /** When it was decided, UTC ms */
  readonly happenedAt: number;
  /** When it takes effect, UTC ms */
  readonly publishedAt: number;
  /** Who decided */
  readonly actor: string;
  /** Why */
  readonly reason: string;
}

/** USUAL: as such hours are; ANOMALOUS: an alert was raised; UNKNOWN: nobody can tell, and reason says why */
export type HourVerdict = "USUAL" | "ANOMALOUS" | "UNKNOWN";

/** One figure of one hour of the running system, and how it compares with the same hour of the sessions before; measured by performance_metrics_aggregation, once for each hour, left out of every comparison. */
export interface HourMetric {
  /** What was measured, for example provider.latency-p95 */
  readonly metric: string;
  /** Of what: a provider, or all */
  readonly subject: string;
  /** True of what a mock answered or rests on generated data, which is measured by itself */
  readonly simulated: boolean;
  /** End of the hour, UTC ms, itself not included */
  readonly happenedAt: number;
  /** Minutes from the open of the regular session to the end of the hour: hours that are alike in this are compared */
  readonly sessionMinutes: number;
  /** A count, or ms of a latency; null where there was nothing to measure */
  readonly value: null | number;
  /** How many it was measured over; of a count itself */
  readonly samples: number;
  /** How it compares */
  readonly verdict: HourVerdict;
  /** no-value, few-samples or short-history; null unless the verdict is UNKNOWN */
  readonly reason: null | string;
  /** Median of the hours that it was compared with; null where it was not */
  readonly usual: null | number;
  /** Modified z-score against them; null where it was not compared */
  readonly score: null | number;
  /** How many hours of sessions before there are to compare with, at most 20 */
  readonly hours: number;
}

/** STARTED: an attempt has begun; SUCCEEDED: it is done; FAILED: the attempt failed, and retryAt says whether there is another; SKIPPED: it is not done, and reason says why */
export type JobRunState = "STARTED" | "SUCCEEDED" | "FAILED" | "SKIPPED";

/** What became of one run of a scheduled job; job and instant identify the run, and each attempt at it tells its beginning and its end. Written by whoever does the work, left out of every comparison. */
export interface JobRun {
  /** Name of the job, for example data_cleanup */
  readonly job: string;
  /** Instant of its schedule, UTC ms: that of the tick which asked for it */
  readonly dueAt: number;
  /** When it came to this, UTC ms, by the clock of whoever does the work */
  readonly happenedAt: number;
  /** What the run has come to */
  readonly state: JobRunState;
  /** Attempt at the run, from 1; 0 where it was skipped without one */
  readonly attempt: number;
  /** When the attempt began, UTC ms; null where none did */
  readonly startedAt: null | number;
  /** What the run was about, counted as its job counts: symbols, dates, rows; null where it counts nothing or is not over */
  readonly processed: null | number;
  /** Of these, the ones that went well */
  readonly successful: null | number;
  /** Of these, the ones that did not */
  readonly failed: null | number;
  /** Why it was skipped, for example superseded; null unless it was */
  readonly reason: null | string;
  /** Stable code of the failure, for example job.deadline; null unless it failed */
  readonly errorCode: null | string;
  /** What happened in words; null unless it failed */
  readonly errorMessage: null | string;
  /** When the next attempt is made, UTC ms; null where there is none: a run that failed without it is given up */
  readonly retryAt: null | number;
  /** Next instant of the job's schedule after this one, UTC ms; null where the calendar ends before it */
  readonly nextDueAt: null | number;
}

/** A scheduled job is due. Job and instant together identify the run: whoever does the work does it once for both. */
export interface JobTick {
  /** Name of the job, for example data_cleanup */
  readonly job: string;
  /** Instant of its schedule, UTC ms; it may have been made up for later */
  readonly happenedAt: number;
  /** Who wrote the tick */
  readonly source: string;
}

/** What a question was about. */
export interface AskedParameter {
  /** Name as the question has it, for example symbol */
  readonly name: string;
  /** Value as text, without secrets, for example GME */
  readonly value: string;
}

/** What a data provider answered, as it came, so that facts can be made of it anew; a large answer is several records, appended together. Kept only where that is switched on, left out of every comparison. Holds no key, token or cookie. */
export interface ProviderAnswer {
  /** Provider, 1 to 50 characters, for example finra_short */
  readonly provider: string;
  /** What was asked for, 1 to 200 characters, without its parameters, as the ops.provider-call event has it */
  readonly endpoint: string;
  /** Origin that was asked as RFC 6454 writes it: scheme, host and, unless it is the usual one, port */
  readonly origin: string;
  /** What was asked about, as far as the reader of the answer has to know it, at most 20 with 12,000 characters of names and values together: one that is longer is left out. Nothing else of the request is kept */
  readonly parameters: readonly AskedParameter[];
  /** When the request was sent, UTC ms */
  readonly happenedAt: number;
  /** When the whole answer was here or the call had failed, UTC ms */
  readonly answeredAt: number;
  /** Time in between, whole ms, at most a day */
  readonly responseMs: number;
  /** Sending of the same question, 1 to 100 */
  readonly attempt: number;
  /** ce_id of the ops.provider-call event of this request, a UUID */
  readonly callId: string;
  /** Status of the HTTP answer, three digits */
  readonly httpStatus: number;
  /** Media type of the answer in small letters, without its parameters; null when it stated none */
  readonly contentType: null | string;
  /** Stable code of the failure, at most 200 characters, for example provider.unreadable; null when the answer was of use */
  readonly errorCode: null | string;
  /** SHA-256 of the whole body, before it is compressed and without its secrets, 64 hexadecimal digits in small letters; null when it did not come whole */
  readonly sha256: null | string;
  /** Length of the same in bytes; null when it did not come whole */
  readonly bodyBytes: null | number;
  /** True when the body repeated a secret, which was replaced before the hash was taken */
  readonly redacted: boolean;
  /** How the parts, put together in their order, hold the body: gzip+base64, which is all there is; null when it is not kept, and missing says why */
  readonly encoding: null | string;
  /** This part of the body, 1 to 240,000 characters of base64; null when it is not kept, and missing says why */
  readonly body: null | string;
  /** Which part this is, 1 to parts; records of one answer have the same callId */
  readonly part: number;
  /** How many parts there are, 1 to 16; 1 where the body is not kept */
  readonly parts: number;
  /** Why there is no body: incomplete when it did not come whole, too-large when it takes more than 16 parts; null when there is one */
  readonly missing: null | string;
  /** True when a mock provider answered */
  readonly simulated: boolean;
}

/** One request sent to a data provider and what became of it; written by whoever called, left out of every comparison. Holds no query, header or key. */
export interface ProviderCall {
  /** Provider, for example finra_short */
  readonly provider: string;
  /** What was asked for, without its parameters, for example otcMarket/regShoDaily */
  readonly endpoint: string;
  /** When the request was sent, UTC ms */
  readonly happenedAt: number;
  /** Sending of the same question, from 1 */
  readonly attempt: number;
  /** Time until the whole answer was here or the call had failed, ms */
  readonly responseMs: number;
  /** HTTP status; null when no answer came */
  readonly statusCode: null | number;
  /** True when the answer was usable: in time, of the right type, complete and plausible */
  readonly success: boolean;
  /** Stable code of the failure, for example provider.timeout; null on success */
  readonly errorCode: null | string;
  /** What happened in words; null on success */
  readonly errorMessage: null | string;
  /** True when the provider asked for patience */
  readonly rateLimited: boolean;
  /** True when the breaker was not closed after the call */
  readonly circuitBreakerOpen: boolean;
  /** True when a mock provider was called */
  readonly simulated: boolean;
}

/** What the symbols of one partition came to in one slot, by the strategy in force and by the shadow strategy. Nothing but the comparison of the two is computed from it. */
export interface ShadowSlot {
  /** Trading day, yyyy-mm-dd */
  readonly tradingDay: string;
  /** Slot, UTC ms */
  readonly slot: number;
  /** Instant of the tick that fired the slot, UTC ms */
  readonly happenedAt: number;
  /** SLOT or DAILY */
  readonly trigger: Trigger;
  /** Session of the slot */
  readonly session: Session;
  /** Strategy that the run was scored with: the baseline */
  readonly strategy: string;
  /** Profile used */
  readonly profile: string;
  /** Preset used */
  readonly preset: string;
  /** Hash of the configuration in force, as the run states it */
  readonly configVersion: string;
  /** Strategy that scored the same features without effect */
  readonly shadowStrategy: string;
  /** Hash that the configuration would have with the shadow strategy in force */
  readonly shadowConfigVersion: string;
  /** Partition that compared */
  readonly partition: number;
  /** Number of partitions that compare */
  readonly partitions: number;
  /** Symbols evaluated */
  readonly universe: number;
  /** Of these, symbols that the baseline gave a score to */
  readonly scored: number;
  /** Symbols that the shadow gave a score to */
  readonly shadowScored: number;
  /** Symbols that both gave a score to */
  readonly scoredByBoth: number;
  /** Symbols for which the shadow strategy threw: it has no fallback */
  readonly shadowFailed: number;
  /** Symbols that the slot knew and did not evaluate */
  readonly leftOut: number;
  /** Candidates of the baseline, before the cap */
  readonly listed: number;
  /** Candidates that the shadow would list, before the cap */
  readonly shadowListed: number;
  /** The best of the baseline's candidates, as many as a run lists, best first */
  readonly candidates: readonly ShadowCandidate[];
  /** The best of the shadow's, likewise */
  readonly shadowCandidates: readonly ShadowCandidate[];
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
}

/** The experiment that a slot was judged under */
export interface Exposure {
  /** Name of the experiment */
  readonly name: string;
  /** 0 to 99, of the subject */
  readonly bucket: number;
  /** SHA-256 of the subject, 64 digits of hex */
  readonly subjectHash: string;
}

/** A universe that leaves symbols out */
export interface UniverseReduction {
  /** Least dollar volume a day of what is evaluated, USD */
  readonly floorUsd: number;
  /** Symbols below it that were not evaluated and are not counted elsewhere */
  readonly leftOut: number;
}

/** One partition has given all its verdicts for one slot. Sums over partitions do not depend on how many there are. */
export interface SlotClosed {
  /** Trading day, yyyy-mm-dd */
  readonly tradingDay: string;
  /** Slot, UTC ms */
  readonly slot: number;
  /** Instant of the tick that fired the slot, UTC ms */
  readonly happenedAt: number;
  /** SLOT or DAILY */
  readonly trigger: Trigger;
  /** Session of the slot */
  readonly session: Session;
  /** Strategy used */
  readonly strategy: string;
  /** Profile used */
  readonly profile: string;
  /** Preset used */
  readonly preset: string;
  /** Hash of the whole configuration in force */
  readonly configVersion: string;
  /** Partition that closed */
  readonly partition: number;
  /** Number of partitions that must close */
  readonly partitions: number;
  /** Symbols evaluated */
  readonly universe: number;
  /** Of these, with relvol, spike, ATR, VWAP, RSI and EMA inputs all present */
  readonly evaluable: number;
  /** Of these, which passed those six gates */
  readonly priceVolumePassed: number;
  /** Symbols that passed every hard gate */
  readonly passed: number;
  /** Of these, with enough confidence to be listed: the candidates before the cap */
  readonly listed: number;
  /** One per gate in gate order */
  readonly eliminations: readonly GateCount[];
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** The experiment whose arm `strategy` is; null without one */
  readonly experiment: null | Exposure;
  /** How the universe was reduced; null while every symbol is evaluated */
  readonly reduction: null | UniverseReduction;
}

/** How long a stage took on this machine; written by the runtime, never by a stage, and left out of every comparison. */
export interface StageTiming {
  /** Stage */
  readonly stage: string;
  /** Partition */
  readonly partition: number;
  /** Slot the work belonged to; null outside slots */
  readonly slot: null | number;
  /** Event time of the tick, UTC ms */
  readonly happenedAt: number;
  /** Events handled */
  readonly events: number;
  /** Time spent in the stage, ms */
  readonly totalMs: number;
  /** Longest single step, ms */
  readonly maxMs: number;
  /** Steps that ended in an error mark */
  readonly errors: number;
}

/** STATED by a row of the statement, or ABSENT from one that names all positions of its account */
export type PositionBasis = "STATED" | "ABSENT";

/** What one account holds of one symbol, as a statement has it; the newest record of a key in the log holds. */
export interface Position {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** As-of of the statement that names it, UTC ms */
  readonly happenedAt: number;
  /** When the holder of the account could first know it, UTC ms; the as-of of the statement */
  readonly publishedAt: number;
  /** When this system received it, UTC ms */
  readonly capturedAt: number;
  /** How the statement reached this system, for example import/csv */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** Name of the account that holds it, 1 to 64 of A-Z, a-z, 0-9 and ._- */
  readonly account: string;
  /** Shares held, exact to 15 significant digits; negative is short, 0 says that the position is closed */
  readonly quantity: number;
  /** Average price paid, or received for shares sold short, USD per share; null when closed or when the statement does not know it */
  readonly averageEntryPrice: null | number;
  /** Last price as the statement gives it, USD per share; never used as market data */
  readonly statedPrice: null | number;
  /** Market value as the statement gives it, USD; negative or positive for a short position as the source has it */
  readonly statedMarketValue: null | number;
  /** What the event rests on */
  readonly basis: PositionBasis;
}

/** Balance of shares that failed to be delivered at a settlement date. */
export interface FailsToDeliver {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** Settlement date at the official close, UTC ms */
  readonly happenedAt: number;
  /** When the world could first know it, UTC ms; joins use this time */
  readonly publishedAt: number;
  /** When this system received it, UTC ms; in a recording the publication time */
  readonly capturedAt: number;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** Settlement date, yyyy-mm-dd */
  readonly settlementDate: string;
  /** Fail balance in shares */
  readonly quantity: number;
  /** Previous close as stated, USD per share */
  readonly price: null | number;
}

/** EXACT, or ROUNDED by the vendor */
export type ShortInterestPrecision = "EXACT" | "ROUNDED";

/** Shares sold short and not covered at a settlement date, as published twice a month. */
export interface ShortInterest {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** Settlement date at the official close, UTC ms */
  readonly happenedAt: number;
  /** When the world could first know it, UTC ms; joins use this time */
  readonly publishedAt: number;
  /** When this system received it, UTC ms; in a recording the publication time */
  readonly capturedAt: number;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** Settlement date, yyyy-mm-dd */
  readonly settlementDate: string;
  /** Shares short */
  readonly sharesShort: number;
  /** Shares short at the previous settlement date, as stated in the same report */
  readonly previousSharesShort: null | number;
  /** Average daily volume as stated in the report, shares */
  readonly averageDailyVolume: null | number;
  /** Days to cover as stated in the report; null at the cap of 999.99 */
  readonly daysToCover: null | number;
  /** How exact the figure is */
  readonly precision: ShortInterestPrecision;
  /** True when the report marks the figure as revised */
  readonly revision: boolean;
}

/** HIGH: three sources within 20 % of their median; MEDIUM: two within 30 %, younger than 30 days; LOW: fewer; STALE: 45 days and older */
export type SourceAgreement = "HIGH" | "MEDIUM" | "LOW" | "STALE";

/** How far one source's figure of short interest can be relied on, judged when it came and again when anything about its settlement date did. */
export interface ShortQuality {
  /** Equity symbol in its canonical form */
  readonly symbol: string;
  /** Instant of the tick at which the figure was judged, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** Settlement date of the figure, yyyy-mm-dd */
  readonly settlementDate: string;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** UUID of the short.interest.v1 fact that is judged */
  readonly factId: string;
  /** 1 for the first figure of this source and date, 2 for the one that replaced it, and so on */
  readonly vintage: number;
  /** True when the report marks the figure as revised */
  readonly revision: boolean;
  /** True for the source that stands for the settlement date: FINRA, else whoever is believed most */
  readonly leading: boolean;
  /** Publication of the first vintage, UTC ms; age counts from it */
  readonly firstPublishedAt: number;
  /** Shares short */
  readonly sharesShort: number;
  /** Shares short at the settlement date before: as the report states it, else as we hold it; null when neither is known */
  readonly previousSharesShort: null | number;
  /** Shares a day: as the report states it, else the mean of 30 sessions; null when neither is known */
  readonly averageDailyVolume: null | number;
  /** Days: as the report states it, else shares short over average daily volume; null when unknown */
  readonly daysToCover: null | number;
  /** Float known at the instant, shares; null when unknown or when a split took effect since the settlement date */
  readonly floatShares: null | number;
  /** Shares short as a fraction of the float, 1.52 is 152 %; null when the float is unknown or the fraction impossible */
  readonly percentFloat: null | number;
  /** Change against the settlement date before as a fraction of it; null when it cannot be compared */
  readonly change: null | number;
  /** Share of shares short, volume, float, days to cover and settlement date that is known, 0 to 1 */
  readonly completeness: number;
  /** 1 at the median of all sources, 0 at half of it away; 0.7 for a single source */
  readonly accuracy: number;
  /** 1 up to 14 days since publication, then falling to 0.1 */
  readonly freshness: number;
  /** 1 without change against the report before, 0 from a change by all of it; null when it cannot be compared */
  readonly consistency: null | number;
  /** Weighted mean of the four, 0 to 1 with two decimals; an unknown consistency leaves its weight to the others */
  readonly overall: number;
  /** True when nothing excludes the figure from scoring at this instant */
  readonly usable: boolean;
  /** Instant from which age alone takes the overall score below the threshold, UTC ms; null when it never does or the figure is not usable */
  readonly usableUntil: null | number;
  /** Why it is not usable: quality-below-threshold, thinly-traded, sources-disagree, percent-of-float-out-of-range */
  readonly exclusions: readonly string[];
  /** How far sources bear each other out */
  readonly agreement: SourceAgreement;
  /** Confidence of that level: 0.9, 0.7, 0.5, 0.1 */
  readonly agreementConfidence: number;
  /** Sources compared for the settlement date, the leading one first */
  readonly sources: readonly string[];
  /** Distance from the median of the sources as a fraction of it */
  readonly deviation: number;
  /** Sources more than half the median away from it */
  readonly outliers: readonly string[];
  /** Mean of the shares short of those that agree, weighted by how far they are believed; null when no two of several do */
  readonly consensus: null | number;
  /** True when shares short more than doubled against the report before */
  readonly jump: boolean;
  /** True on the first judgement of the leading source that finds a jump while the figure is fresh: one alert per settlement date follows from it */
  readonly jumpIsNew: boolean;
  /** What to know about the figure: single-source, outlier, sources-disagree, float-unknown, float-bound (the float is at most this, so the fraction is at least that), volume-unknown, percent-of-float-extreme, no-previous-report, previous-zero, previous-restated (the report states another figure than the one we hold), split-between (two reports cannot be compared), split-since (float and usual volume are on another basis) */
  readonly notes: readonly string[];
}

/** Off-exchange short volume of one trading day, summed over the reporting facilities. */
export interface ShortVolume {
  /** Equity symbol in its canonical form, at most 10 characters */
  readonly symbol: string;
  /** Official close of the trade date, UTC ms */
  readonly happenedAt: number;
  /** When the world could first know it, UTC ms; joins use this time */
  readonly publishedAt: number;
  /** When this system received it, UTC ms; in a recording the publication time */
  readonly capturedAt: number;
  /** Vendor or feed that stated it */
  readonly source: string;
  /** Weight of the source for this kind of fact, 0 to 1 */
  readonly confidence: number;
  /** True when it was older than the limit of its kind as it was captured */
  readonly stale: boolean;
  /** Round trip of the provider call in ms; null where no call was made */
  readonly providerLatencyMs: null | number;
  /** True for generated data; the mark travels with every event derived from it */
  readonly simulated: boolean;
  /** Trade date, yyyy-mm-dd */
  readonly tradeDate: string;
  /** Shares sold short; may be fractional */
  readonly shortVolume: number;
  /** Of these, shares marked exempt */
  readonly shortExemptVolume: null | number;
  /** All off-exchange shares; NOT consolidated volume */
  readonly totalVolume: number;
  /** Reporting facilities summed, comma joined */
  readonly facilities: string;
}

/** One weighted part of the score */
export interface Component {
  /** Component */
  readonly name: string;
  /** Score 0 to 1; null when its inputs are missing */
  readonly value: null | number;
  /** Nominal weight */
  readonly weight: number;
  /** Why it is null */
  readonly reason: null | string;
}

/** What one detector thinks of one features event. */
export interface Detection {
  /** Equity symbol in its canonical form */
  readonly symbol: string;
  /** Instant of the features event, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** volume_momentum, squeeze, catalyst_news, options_flow, technicals or vigl_pattern */
  readonly detector: string;
  /** ce_id of the features event */
  readonly featuresId: string;
  /** Why it was evaluated */
  readonly trigger: Trigger;
  /** Discovery slot, UTC ms */
  readonly slot: null | number;
  /** 0 to 1; null when the detector is not ready */
  readonly score: null | number;
  /** 0 to 1 */
  readonly confidence: number;
  /** Strength or type in the detector's own words */
  readonly label: null | string;
  /** Typed signals */
  readonly signals: readonly string[];
  /** Parts of the score in fixed order */
  readonly components: readonly Component[];
  /** Features that were null */
  readonly missing: readonly string[];
  /** Vendors of the inputs that entered */
  readonly dataSources: readonly string[];
  /** Code of a failure inside the detector; the score is then null and counts as missing */
  readonly error: null | string;
}

/** A value that is null, and why */
export interface Missing {
  /** Field name */
  readonly feature: string;
  /** Stable reason: warming-up, no-price, no-intraday-bars, no-session-volume, daily-resolution, outside-regular-session, scope, not-published, no-source, float-unknown, out-of-range, stale, zero-base, price-unchanged, unusable-quote, quality-below-threshold, thinly-traded or sources-disagree */
  readonly reason: string;
  /** Samples present while warming up */
  readonly have: null | number;
  /** Samples needed */
  readonly need: null | number;
}

/** A set of facts that the values below depend on */
export interface Input {
  /** sessionTicks, dailyBars, shortInterest, shortVolume, failsToDeliver, floatShares, sharesOutstanding, borrowFee, utilisation, thresholdList, options, volatilityHistory, news, corporateActions or halts */
  readonly role: string;
  /** Topic of the facts */
  readonly topic: string;
  /** Vendor of the newest of them */
  readonly source: string;
  /** Weight of that vendor, 0 to 1 */
  readonly confidence: number;
  /** ce_id of the first */
  readonly firstId: string;
  /** ce_id of the newest */
  readonly lastId: string;
  /** How many */
  readonly count: number;
  /** Order-free sum of their ids, 32 hex digits */
  readonly hash: string;
  /** Event time of the newest, UTC ms */
  readonly happenedAt: number;
  /** Publication time of the newest, UTC ms */
  readonly publishedAt: number;
}

/** Everything the detectors and gates may know about one symbol at one instant, each value null with a reason when it cannot be known. */
export interface Features {
  /** Equity symbol in its canonical form */
  readonly symbol: string;
  /** Instant of the tick, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** Why it was emitted */
  readonly trigger: Trigger;
  /** Discovery slot that this answers, UTC ms; null otherwise */
  readonly slot: null | number;
  /** Session of the instant */
  readonly session: Session;
  /** Trading day of the instant, yyyy-mm-dd */
  readonly tradingDay: string;
  /** Levels crossed upward in this slice, such as relvol30>=2.5 */
  readonly crossings: readonly string[];
  /** Last price, USD per share */
  readonly price: null | number;
  /** Event time of that price, UTC ms */
  readonly priceAt: null | number;
  /** Official close of the last completed session, USD */
  readonly prevClose: null | number;
  /** First regular price today, USD */
  readonly dayOpen: null | number;
  /** Highest price today, USD */
  readonly dayHigh: null | number;
  /** Lowest price today, USD */
  readonly dayLow: null | number;
  /** Regular-session VWAP today: sum of typical price times volume over volume, USD */
  readonly vwap: null | number;
  /** Shares traded today in the regular session */
  readonly sessionVolume: null | number;
  /** Shares traded today outside the regular session */
  readonly extendedVolume: null | number;
  /** Price times volume summed over today, all sessions, USD */
  readonly dollarVolume: null | number;
  /** Mean volume of the 30 completed sessions before today, shares */
  readonly adv30: null | number;
  /** The same over 5 sessions, shares */
  readonly adv5: null | number;
  /** Volume today over adv30, not adjusted for the time of day */
  readonly volumeSpikeRaw: null | number;
  /** Volume today over the part of adv30 expected by now; at the close the plain ratio */
  readonly volumeSpike: null | number;
  /** Raw ratio to the 5-session mean times 0.8 */
  readonly volumeSpikeEarly: null | number;
  /** Raw ratio to the 10-session mean times 0.9 */
  readonly volumeSpikeConfirmation: null | number;
  /** Volume so far over adv30 times max(30, minutes since open)/session minutes; regular session only */
  readonly relvol30: null | number;
  /** The same with adv5 */
  readonly relvol5: null | number;
  /** ATR(14), Wilder, completed sessions, USD */
  readonly atr14: null | number;
  /** atr14 over the last completed close, fraction */
  readonly atrPct: null | number;
  /** RSI(14), Wilder, completed sessions, 0 to 100 */
  readonly rsi14: null | number;
  /** The same with the last price as a provisional close; no gate reads it */
  readonly rsi14Live: null | number;
  /** EMA(9) of completed closes, USD */
  readonly ema9: null | number;
  /** EMA(20) of completed closes, USD */
  readonly ema20: null | number;
  /** With the last price as a provisional close, USD */
  readonly ema9Live: null | number;
  /** With the last price as a provisional close, USD */
  readonly ema20Live: null | number;
  /** MACD(12,26) of completed closes, USD */
  readonly macd: null | number;
  /** Its 9-session signal, USD */
  readonly macdSignal: null | number;
  /** macd minus signal, USD */
  readonly macdHistogram: null | number;
  /** Consecutive completed closes above the previous one */
  readonly uptrendDays: null | number;
  /** Change over the last five completed sessions, fraction */
  readonly priceChange5d: null | number;
  /** Highest high of the 20 completed sessions before today, USD */
  readonly high20: null | number;
  /** Shares in the float, or an upper bound of it */
  readonly floatShares: null | number;
  /** exact, rounded or bound */
  readonly floatPrecision: null | string;
  /** Shares outstanding */
  readonly sharesOutstanding: null | number;
  /** Float over shares outstanding, only when the float itself is known, fraction */
  readonly floatRatio: null | number;
  /** Newest published shares short */
  readonly sharesShort: null | number;
  /** Settlement date of that figure, yyyy-mm-dd */
  readonly shortSettlementDate: null | string;
  /** Publication of that figure, UTC ms */
  readonly shortPublishedAt: null | number;
  /** Quality of the short interest at this instant, 0 to 1, two decimals; what falls short of the rules is not scored, and its measures are null with the reason */
  readonly shortInterestQuality: null | number;
  /** sharesShort over floatShares, fraction; with a bounded float a lower bound */
  readonly shortFraction: null | number;
  /** sharesShort over the ADV stated in the report or else adv30, days */
  readonly daysToCover: null | number;
  /** Change against the previous report, fraction */
  readonly sharesShortChange: null | number;
  /** Short volume over total volume of the newest daily file, fraction */
  readonly shortVolumeFraction: null | number;
  /** At least 10,000 shares and 0.5 % of shares outstanding on 5 consecutive settlement days */
  readonly failsToDeliverFlag: null | boolean;
  /** On the short-sale threshold list */
  readonly thresholdFlag: null | boolean;
  /** Annual borrow fee, fraction */
  readonly borrowFee: null | number;
  /** Lendable shares lent out, fraction */
  readonly utilisation: null | number;
  /** At-the-money implied volatility per year, fraction */
  readonly atmIv: null | number;
  /** Rank of atmIv in its history, 0 to 100 */
  readonly ivPercentile: null | number;
  /** Call volume over put volume */
  readonly callPutRatio: null | number;
  /** Strike of the gamma wall, USD */
  readonly gammaWallStrike: null | number;
  /** Options volume over its 30-day mean */
  readonly optionsVolumeRatio: null | number;
  /** Confidence of the snapshot, 0 to 1 */
  readonly optionsConfidence: null | number;
  /** Weighted polarity of the last 24 hours, 0 to 1 */
  readonly newsSentiment: null | number;
  /** Outlets that confirm it */
  readonly newsSources: number;
  /** Confidence of the sentiment, 0 to 1 */
  readonly newsConfidence: null | number;
  /** Percentile of mention rank, 0 to 1 */
  readonly socialRank: null | number;
  /** Calendar days to the next dated event */
  readonly nextEventDays: null | number;
  /** Marks: suspect-print, suspect:unexplained-jump, halted, late-fact, mixed-scopes, short-interest-extreme, iv-expansion-potential, universe-reduced */
  readonly flags: readonly string[];
  /** Completed sessions in the window */
  readonly completedSessions: number;
  /** True when intraday ticks of today exist for the symbol */
  readonly intraday: boolean;
  /** Every null value above and why */
  readonly missing: readonly Missing[];
  /** Evidence; filled for every trigger but SLICE */
  readonly inputs: readonly Input[];
}

/** Result */
export type GateOutcome = "PASSED" | "FAILED" | "NOT_APPLICABLE";

/** One gate with its margin */
export interface GateResult {
  /** Gate */
  readonly gate: string;
  /** Result */
  readonly outcome: GateOutcome;
  /** True when a failure rejects */
  readonly hard: boolean;
  /** Observed value */
  readonly value: null | number;
  /** Limit in force */
  readonly threshold: null | number;
  /** Distance to the limit relative to it; negative when failed */
  readonly margin: null | number;
  /** Stable reason such as below, above, missing:atr, path:none, not-required */
  readonly reason: null | string;
}

/** What lowered confidence */
export interface SoftPenalty {
  /** data-age, missing-provider, low-confidence-input or session */
  readonly name: string;
  /** Amount taken off the factor, 0 to 1 */
  readonly penalty: number;
  /** What it refers to */
  readonly detail: string;
}

/** All gates and the composite of one features event: the near-miss ledger. */
export interface Verdict {
  /** Equity symbol in its canonical form */
  readonly symbol: string;
  /** Instant of the features event, UTC ms */
  readonly happenedAt: number;
  /** Latest publication time of the inputs, UTC ms */
  readonly publishedAt: number;
  /** Latest capture time of the inputs, UTC ms */
  readonly capturedAt: number;
  /** True when any input is simulated */
  readonly simulated: boolean;
  /** ce_id of the features event */
  readonly featuresId: string;
  /** ce_ids of the detections in detector order */
  readonly detectionIds: readonly string[];
  /** Why it was evaluated */
  readonly trigger: Trigger;
  /** Discovery slot, UTC ms */
  readonly slot: null | number;
  /** Session */
  readonly session: Session;
  /** Trading day, yyyy-mm-dd */
  readonly tradingDay: string;
  /** Strategy used */
  readonly strategy: string;
  /** Profile used */
  readonly profile: string;
  /** Preset used */
  readonly preset: string;
  /** Hash of the whole configuration in force */
  readonly configVersion: string;
  /** Last price, USD */
  readonly price: null | number;
  /** True when no hard gate failed */
  readonly passed: boolean;
  /** Label earned */
  readonly label: Label;
  /** Composite 0 to 1; 0 when a hard gate failed */
  readonly score: number;
  /** Composite before the gates; null when no detector was ready */
  readonly rawScore: null | number;
  /** 0 to 1 */
  readonly confidence: number;
  /** First failing gate in gate order */
  readonly firstFailure: null | string;
  /** Every gate in fixed order */
  readonly gates: readonly GateResult[];
  /** small, mid or large; null when none */
  readonly floatPath: null | string;
  /** Confidence factor of the soft gates, 0.1 to 1 */
  readonly softFactor: number;
  /** What lowered it */
  readonly softPenalties: readonly SoftPenalty[];
  /** Per weighted detector */
  readonly contributions: readonly Contribution[];
  /** Unweighted marks such as vigl_pattern>=0.8 */
  readonly tags: readonly string[];
  /** True when relvol, spike, ATR, VWAP, RSI and EMA gates all had their inputs */
  readonly evaluable: boolean;
  /** True when all six of them passed */
  readonly priceVolumePassed: boolean;
  /** Nulls of the features event that lowered confidence */
  readonly missing: readonly Missing[];
  /** Newest published shares short */
  readonly sharesShort: null | number;
  /** Of float, fraction */
  readonly shortFraction: null | number;
  /** Days */
  readonly daysToCover: null | number;
  /** Publication of the figure, UTC ms */
  readonly shortPublishedAt: null | number;
  /** Quality of the short interest at this instant, 0 to 1, two decimals; null when there is none */
  readonly shortInterestQuality: null | number;
  /** As in the features event */
  readonly volumeSpike: null | number;
  /** Strongest reasons in words, best first */
  readonly reasons: readonly string[];
}

/** Value type of every schema by its full name. */
export interface EventBySchema {
  "amc.alerts.Delivery": Delivery;
  "amc.alerts.Requested": Requested;
  "amc.discovery.Candidate": Candidate;
  "amc.discovery.Recommendation": Recommendation;
  "amc.discovery.Run": Run;
  "amc.discovery.ShadowRun": ShadowRun;
  "amc.experiments.ExperimentResult": ExperimentResult;
  "amc.market.CorporateAction": CorporateAction;
  "amc.market.Halt": Halt;
  "amc.market.News": News;
  "amc.market.Options": Options;
  "amc.market.PriceTick": PriceTick;
  "amc.market.Reference": Reference;
  "amc.ops.AlertRaised": AlertRaised;
  "amc.ops.CircuitBreaker": CircuitBreaker;
  "amc.ops.Clock": Clock;
  "amc.ops.Control": Control;
  "amc.ops.HourMetric": HourMetric;
  "amc.ops.JobRun": JobRun;
  "amc.ops.JobTick": JobTick;
  "amc.ops.ProviderAnswer": ProviderAnswer;
  "amc.ops.ProviderCall": ProviderCall;
  "amc.ops.ShadowSlot": ShadowSlot;
  "amc.ops.SlotClosed": SlotClosed;
  "amc.ops.StageTiming": StageTiming;
  "amc.portfolio.Position": Position;
  "amc.short.FailsToDeliver": FailsToDeliver;
  "amc.short.ShortInterest": ShortInterest;
  "amc.short.ShortQuality": ShortQuality;
  "amc.short.ShortVolume": ShortVolume;
  "amc.signals.Detection": Detection;
  "amc.signals.Features": Features;
  "amc.signals.Verdict": Verdict;
}
