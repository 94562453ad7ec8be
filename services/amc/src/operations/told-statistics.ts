import {
  CACHE_SOURCE,
  type KnownStatistics,
  YAHOO_SOURCE,
} from "@amc/ingest-prices/providers/yahoo/yahoo";
import { withoutToldVintages } from "@amc/ingest-short-interest/collection/new-vintages";
import { statementOf } from "@amc/platform/log/append-new-facts";
import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { TOLD_AGAIN_MS, withoutToldReferences } from "@amc/platform/log/repeated-references";
import { decodeEvent } from "@amc/schemas/codec";
import type { Reference, ShortInterest } from "@amc/schemas/generated/events";
import type { Fact } from "@amc/streams/kernel/fact";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { withoutEchoes } from "./echoes.ts";

const TOPICS = ["short.interest.v1", "market.reference.v1"] as const;
const SOURCES: ReadonlySet<string> = new Set([YAHOO_SOURCE, CACHE_SOURCE]);
/** The newest settlement is less than a month old, and a figure is told again after a month. */
const LOOK_BACK_MS = 45 * DAY_MS;
/** Then at once a year further, for what Yahoo has long had nothing new of. */
const HISTORY_MS = 400 * DAY_MS;

/** What the log has of one symbol, in its order. */
interface Told {
  readonly reports: ShortInterest[];
  readonly references: Reference[];
  /** By the id of their fact. */
  readonly statements: Map<string, Set<string>>;
}

/**
 * What the log has of Yahoo's short interest and shares, of the symbols of one sweep: read when the first of
 * them is answered, however many they are. The first answer that reaches behind the look back has it read again.
 */
export class ToldStatistics {
  readonly #log: Log;
  readonly #nowMs: number;
  readonly #bySymbol: ReadonlyMap<string, Told>;
  #sinceMs = Number.POSITIVE_INFINITY;

  constructor(log: Log, symbols: readonly string[], nowMs: number) {
    this.#log = log;
    this.#nowMs = nowMs;
    this.#bySymbol = new Map(
      symbols.map((symbol) => [symbol, { reports: [], references: [], statements: new Map() }]),
    );
  }

  /** Facts of an answer about one of the symbols that the log has not. */
  async newOf(symbol: string, { from, facts }: KnownStatistics): Promise<readonly Fact[]> {
    await this.#reach(facts);
    const told = this.#bySymbol.get(symbol);
    if (told === undefined) return facts;
    const heard = from === "cache" ? withoutEchoes(facts, told) : facts;
    const vintages = withoutToldVintages(heard, told.reports);
    return withoutToldReferences(vintages, told.references).filter(
      ({ id, value }) => told.statements.get(id)?.has(statementOf(value)) !== true,
    );
  }

  async #reach(facts: readonly Fact[]): Promise<void> {
    const neededMs = Math.min(...facts.map(sinceOf));
    if (neededMs >= this.#sinceMs) return;
    const lookBackMs = this.#nowMs - LOOK_BACK_MS;
    const isFar = neededMs < lookBackMs;
    this.#sinceMs = isFar ? Math.min(neededMs, this.#nowMs - HISTORY_MS) : lookBackMs;
    await this.#read();
  }

  async #read(): Promise<void> {
    for (const told of this.#bySymbol.values()) {
      told.reports.length = 0;
      told.references.length = 0;
      told.statements.clear();
    }
    for (const topic of TOPICS) {
      for await (const { key, headers, value } of recordsSince(this.#log, topic, this.#sinceMs)) {
        // Most are FINRA's, of symbols that nobody asks Yahoo about.
        const told = key === null ? undefined : this.#bySymbol.get(key);
        if (told === undefined || value === null) continue;
        const decoded = decodeEvent<(typeof TOPICS)[number]>(topic, value);
        if (!decoded.ok || !SOURCES.has(decoded.value.source)) continue;
        note(told, headers.ce_id ?? "", decoded.value);
      }
    }
  }
}

function note(told: Told, id: string, value: Reference | ShortInterest): void {
  if ("settlementDate" in value) told.reports.push(value);
  else told.references.push(value);
  const statements = told.statements.get(id) ?? new Set();
  told.statements.set(id, statements.add(statementOf(value)));
}

/** Since when the log may have the same: what has not changed is told once in a month. */
function sinceOf({ topic, value }: Fact): number {
  return topic === "market.reference.v1" ? value.publishedAt - TOLD_AGAIN_MS : value.happenedAt;
}
