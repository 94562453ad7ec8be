import type { FactTopic } from "@amc/schemas/topics";
import { validateFact } from "@amc/schemas/validate";
import type { Fact } from "@amc/streams/kernel/fact";
import { ProviderError } from "./provider-error.ts";

/** Something that a provider stated and that is no fact. */
export interface Refused {
  /** As the provider wrote it, cut; null when not even that could be read. */
  readonly symbol: string | null;
  /** Stable, for example `domain.negative` or `finra.other-date`. */
  readonly code: string;
  readonly message: string;
}

/** What an answer came to. */
export interface Collected {
  readonly facts: readonly Fact[];
  readonly refused: readonly Refused[];
}

/** A row of an answer that becomes no fact; caught where rows are read. */
export class RowRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "RowRefusal";
    this.code = code;
  }
}

const SYMBOL_CHARACTERS_MAX = 20;

/**
 * Facts of every row, with those refused that `toFacts` throws RowRefusal for and those that no market
 * can have printed (`validateFact`).
 */
export function collectEach<Row>(
  rows: Iterable<Row>,
  symbolOf: (row: Row) => string | null,
  toFacts: (row: Row) => readonly Fact[],
): Collected {
  const facts: Fact[] = [];
  const refused: Refused[] = [];
  for (const row of rows) {
    const symbol = symbolOf(row)?.slice(0, SYMBOL_CHARACTERS_MAX) ?? null;
    try {
      for (const fact of toFacts(row)) facts.push(validFact(fact));
    } catch (error) {
      if (!(error instanceof RowRefusal)) throw error;
      refused.push({ symbol, code: error.code, message: error.message });
    }
  }
  return { facts, refused };
}

/**
 * As `collectEach`, of an answer with many rows. One most of whose rows are refused is not what was
 * asked for, whatever its other rows say: throws `provider.unreadable`, and nothing of it is kept.
 */
export function collectRows<Row>(
  rows: Iterable<Row>,
  symbolOf: (row: Row) => string | null,
  toFacts: (row: Row) => readonly Fact[],
): Collected {
  const all = [...rows];
  const collected = collectEach(all, symbolOf, toFacts);
  const { refused } = collected;
  const { length: count } = all;
  const [first] = refused;
  if (first !== undefined && refused.length * 2 > count) {
    const message = `${refused.length} of ${count} rows are refused, the first for ${first.code}: ${first.message}`;
    throw new ProviderError("provider.unreadable", message, { rows: count, code: first.code });
  }
  return collected;
}

/** The fact itself. Throws RowRefusal for one that no market can have printed. */
export function validFact(fact: Fact): Fact {
  const found = validateFact<FactTopic>(fact.topic, fact.value);
  if (found !== null) throw new RowRefusal(found.code, `${found.field}: ${found.message}`);
  return fact;
}
