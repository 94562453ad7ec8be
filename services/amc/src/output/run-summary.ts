import { ShadowTotals } from "@amc/streams/discovery/shadow-totals";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { type JsonLine, labelOf } from "./lines.ts";
import { shadowTotalText } from "./shadow-lines.ts";

/** How one symbol fared in the slots of the regular session. */
export interface SymbolSummary {
  regularSlots: number;
  evaluable: number;
  priceVolumePassed: number;
  passed: number;
  /** How often each value was missing, by `feature: reason`. */
  readonly missing: Map<string, number>;
}

/** Inputs of the six price-and-volume gates: what makes a symbol evaluable. */
const PRICE_AND_VOLUME: ReadonlySet<string> = new Set([
  "price",
  "vwap",
  "relvol30",
  "volumeSpike",
  "atrPct",
  "rsi14",
  "ema9",
  "ema20",
]);

/** Adds up what a run produced, one derived event at a time. */
export class RunSummary {
  readonly #symbols = new Map<string, SymbolSummary>();
  readonly #recommendations = new Map<string, number>();
  readonly #shadow = new ShadowTotals();
  #runs = 0;
  #alerts = 0;
  #unreadable = 0;

  take(event: AnyEvent): void {
    switch (event.topic) {
      case "discovery.run.v1":
        this.#runs += 1;
        return;
      case "discovery.shadow-run.v1":
        this.#shadow.take(event.value);
        return;
      case "alerts.requested.v1":
        this.#alerts += 1;
        return;
      case "discovery.recommendation.v1": {
        const label = labelOf(event.value.label);
        this.#recommendations.set(label, (this.#recommendations.get(label) ?? 0) + 1);
        return;
      }
      case "signals.verdict.v1":
        if (event.value.trigger === "SLOT" && event.value.session === "REGULAR") {
          this.#takeVerdict(event.value);
        }
        return;
      default:
    }
  }

  /** True when nothing at all has been told. */
  get isEmpty(): boolean {
    const counts = this.#runs + this.#alerts + this.#unreadable;
    return counts === 0 && this.#symbols.size === 0;
  }

  /** A record that should have been told of and could not be read. */
  passedOver(): void {
    this.#unreadable += 1;
  }

  symbols(): ReadonlyMap<string, Readonly<SymbolSummary>> {
    return this.#symbols;
  }

  /** Alerts that a sender showed, where it and not this summary reads their topic. */
  delivered(alerts: number): void {
    this.#alerts += alerts;
  }

  #takeVerdict(verdict: Extract<AnyEvent, { topic: "signals.verdict.v1" }>["value"]): void {
    let symbol = this.#symbols.get(verdict.symbol);
    if (symbol === undefined) {
      symbol = {
        regularSlots: 0,
        evaluable: 0,
        priceVolumePassed: 0,
        passed: 0,
        missing: new Map(),
      };
      this.#symbols.set(verdict.symbol, symbol);
    }
    symbol.regularSlots += 1;
    if (verdict.priceVolumePassed) symbol.priceVolumePassed += 1;
    if (verdict.passed) symbol.passed += 1;
    if (verdict.evaluable) {
      symbol.evaluable += 1;
      return;
    }
    for (const { feature, reason, have, need } of verdict.missing) {
      if (!PRICE_AND_VOLUME.has(feature)) continue;
      const counts = have === null || need === null ? "" : ` (needs ${need} sessions)`;
      const key = `${feature}: ${reason}${counts}`;
      symbol.missing.set(key, (symbol.missing.get(key) ?? 0) + 1);
    }
  }

  json(extra: Readonly<Record<string, unknown>>): JsonLine {
    const symbols = [...this.#symbols].sort(([a], [b]) => (a < b ? -1 : 1));
    const shadow = this.#shadow.totals();
    return {
      type: "summary",
      runs: this.#runs,
      recommendations: Object.fromEntries(this.#recommendations),
      alerts: this.#alerts,
      unreadable: this.#unreadable,
      symbols: Object.fromEntries(
        symbols.map(([name, { missing, ...counts }]) => [
          name,
          { ...counts, notReady: top(missing) },
        ]),
      ),
      ...(shadow.length === 0 ? {} : { shadow }),
      ...extra,
    };
  }

  text(): string[] {
    const labels = [...this.#recommendations]
      .map(([label, count]) => `${count} ${label}`)
      .join(", ");
    const lines = [
      `${this.#runs} discovery runs, ${labels === "" ? "no recommendation" : labels}, ${this.#alerts} alerts`,
    ];
    for (const [name, symbol] of [...this.#symbols].sort(([a], [b]) => (a < b ? -1 : 1))) {
      lines.push(
        `  ${name.padEnd(6)} evaluable in ${symbol.evaluable} of ${symbol.regularSlots} regular slots; ` +
          `price-and-volume gates passed ${symbol.priceVolumePassed}, all gates ${symbol.passed}`,
      );
      if (symbol.evaluable === 0 && symbol.regularSlots > 0) {
        lines.push(`         not ready, because ${top(symbol.missing).join("; ")}`);
      }
    }
    lines.push(...this.#shadow.totals().map(shadowTotalText));
    if (this.#unreadable > 0) lines.push(`${this.#unreadable} records could not be read`);
    return lines;
  }
}

/** What was missing most often, at most five. */
function top(missing: ReadonlyMap<string, number>): string[] {
  return [...missing]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, 5)
    .map(([text]) => text);
}
