import type { Provenance } from "@amc/streams/facts/envelope";
import { canonicalSymbol } from "@amc/streams/facts/symbol";
import type { SourceItem } from "../facts/fact.ts";
import type { RecordingManifest, SourceSpec } from "../manifest.ts";
import { type InstantRange, instantRange } from "../time/publication.ts";
import { zonedClock } from "../time/zoned-clock.ts";

/** What a reader gives: facts, rejects and skips in file order, in batches of bounded size. */
export type SourceItems = AsyncIterable<readonly SourceItem[]>;

/** One file of a source. */
export interface SourceFile {
  /** Relative to the data root, for errors. */
  readonly label: string;
  /** Absolute. */
  readonly path: string;
  /** From {symbol} in the path of the source; null without it. */
  readonly symbol: string | null;
}

/** The smallest piece of a recording that is read from its beginning to its end. */
export interface SourcePart {
  /** Name of the source in the manifest; `inline` for the facts written there. */
  readonly source: string;
  /** File relative to the data root. */
  readonly label: string;
  /** Files the part is made of, absolute. */
  readonly paths: readonly string[];
  readonly order: SourceSpec["order"];
  /** Reads it; every call begins anew. */
  open(): SourceItems;
}

/** What all readers need of the manifest. */
export interface SourceContext {
  readonly provenance: Provenance;
  readonly timeZone: string;
  /** Stamps outside are passed over. */
  readonly range: InstantRange;
  /** False for symbols that the source or the caller does not want. */
  wants(symbol: string): boolean;
}

export function sourceContext(
  manifest: RecordingManifest,
  source: SourceSpec,
  symbols: ReadonlySet<string> | null,
): SourceContext {
  const vendor = source.vendor ?? manifest.vendor;
  const own = source.symbols === undefined ? null : new Set(source.symbols);
  return {
    provenance: {
      source: vendor.name,
      confidence: vendor.weight,
      simulated: manifest.simulated,
    },
    timeZone: manifest.timeZone,
    range: instantRange(source, zonedClock(manifest.timeZone).toUtc),
    wants: (symbol) =>
      (own === null || own.has(symbol)) && (symbols === null || symbols.has(symbol)),
  };
}

/** The canonical symbol in a name such as `aapl` or `brk-b`; null when it holds none. */
export function symbolInName(name: string): string | null {
  return canonicalSymbol(name.toUpperCase());
}
