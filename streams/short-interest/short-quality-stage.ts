import { derivedId } from "../kernel/ids.ts";
import { KeyedStore } from "../kernel/keyed-store.ts";
import {
  type AnyEvent,
  DONE,
  type Outcome,
  type Stage,
  type StageContext,
  type StageEvent,
  type StageTask,
} from "../kernel/stage.ts";
import { judgeReport, type MarketFigures } from "./judge-report.ts";
import {
  KNOWN_REPORTS_CODEC,
  type KnownReports,
  NO_REPORTS,
  type Report,
  reportBefore,
  reportsOf,
  trimmed,
  withJumpTold,
  withReport,
  withSplitAt,
} from "./known-reports.ts";
import type { ShortInterestRules } from "./rules.ts";

const NAME = "short-quality";
const VERSION = 1;

/**
 * Judges every report of short interest, and again whatever is held for its settlement date: a second
 * source bears out or contradicts the first. Float and usual volume it takes from the features of the
 * same tick, which the features stage has sent on before the tick comes here.
 */
export function createShortQualityStage(rules: ShortInterestRules): Stage {
  return {
    name: NAME,
    version: VERSION,
    inputs: [
      "short.interest.v1",
      "market.corporate-action.v1",
      "signals.features.v1",
      "ops.clock.v1",
    ],
    outputs: ["short.quality.v1"],
    init: (context) => new ShortQualityTask(context, rules),
  };
}

type ReportEvent = StageEvent<"short.interest.v1">;

class ShortQualityTask implements StageTask {
  readonly #context: StageContext;
  readonly #rules: ShortInterestRules;
  readonly #known = new KeyedStore("short-quality.reports", KNOWN_REPORTS_CODEC);
  /** Reports of the running slice by symbol; a slice is never split by a commit. */
  readonly #arrived = new Map<string, ReportEvent[]>();
  /** Features of the running tick, of symbols with reports in the slice. */
  readonly #market = new Map<string, MarketFigures>();

  constructor(context: StageContext, rules: ShortInterestRules) {
    this.#context = context;
    this.#rules = rules;
  }

  get stores(): StageTask["stores"] {
    return [this.#known];
  }

  step(event: AnyEvent): Outcome {
    switch (event.topic) {
      case "signals.features.v1":
        if (this.#arrived.has(event.value.symbol))
          this.#market.set(event.value.symbol, event.value);
        break;
      case "short.interest.v1":
        this.#takeReport(event);
        break;
      case "market.corporate-action.v1":
        this.#takeSplit(event);
        break;
      case "ops.clock.v1":
        this.#takeTick(event.value.happenedAt);
        break;
      default:
    }
    // What is wrong with a fact is for the features stage to say: it takes every one of them first.
    return DONE;
  }

  #takeReport(event: ReportEvent): void {
    const { symbol } = event.value;
    if (event.key !== symbol) return;
    const arrived = this.#arrived.get(symbol);
    if (arrived === undefined) this.#arrived.set(symbol, [event]);
    else arrived.push(event);
  }

  #takeSplit({ key, value }: StageEvent<"market.corporate-action.v1">): void {
    if (value.action !== "SPLIT" || key !== value.symbol) return;
    const known = this.#knownOf(value.symbol);
    const split = withSplitAt(known, value.effectiveAt);
    if (split !== known) this.#known.set(value.symbol, split);
  }

  #takeTick(atMs: number): void {
    for (const symbol of [...this.#arrived.keys()].sort()) {
      const market = this.#market.get(symbol);
      // No features of a symbol means that the features stage has refused what came.
      if (market !== undefined) this.#judge(symbol, market, atMs);
    }
    this.#arrived.clear();
    this.#market.clear();
  }

  /**
   * Oldest settlement date first, so that a history that comes at once is compared step by step. Of
   * several vintages of one source in a slice the newest is judged: nobody knew the others alone.
   */
  #judge(symbol: string, market: MarketFigures, atMs: number): void {
    const before = this.#knownOf(symbol);
    let known = before;
    for (const [settlementDate, events] of byDate(this.#arrived.get(symbol) ?? [])) {
      const taken = known;
      for (const { id, value } of events) known = withReport(known, id, value);
      if (known === taken) continue;
      for (const report of reportsOf(known, settlementDate)) {
        known = this.#tell(symbol, report, known, market, atMs);
      }
    }
    if (known !== before) this.#known.set(symbol, trimmed(known));
  }

  #tell(
    symbol: string,
    report: Report,
    known: KnownReports,
    market: MarketFigures,
    atMs: number,
  ): KnownReports {
    const value = judgeReport(symbol, report, known, market, this.#rules, atMs);
    this.#context.emit({
      topic: "short.quality.v1",
      id: derivedId(NAME, VERSION, [symbol, String(atMs), ...basisOf(report, known)]),
      key: symbol,
      happenedAt: atMs,
      value,
    });
    return value.jumpIsNew ? withJumpTold(known, report) : known;
  }

  #knownOf(symbol: string): KnownReports {
    return this.#known.get(symbol) ?? NO_REPORTS;
  }
}

/** Ids of the reports that a judgement rests on, the judged one first. */
function basisOf(report: Report, known: KnownReports): readonly string[] {
  const rivals = reportsOf(known, report.settlementDate).map(({ id }) => id);
  return [report.id, ...rivals, reportBefore(known, report)?.id ?? "none"];
}

/** Reports by settlement date, ascending; those of one date stay in the order of the slice. */
function byDate(events: readonly ReportEvent[]): readonly (readonly [string, ReportEvent[]])[] {
  const dates = new Map<string, ReportEvent[]>();
  for (const event of events) {
    const { settlementDate } = event.value;
    dates.set(settlementDate, [...(dates.get(settlementDate) ?? []), event]);
  }
  return [...dates].sort(([a], [b]) => (a < b ? -1 : 1));
}
