import type { CorporateActionKind, Precision, ReferenceField } from "@amc/schemas/generated/events";
import { type Fact, factId } from "../kernel/fact.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import type { Shelf } from "../market/shelf-life.ts";
import { envelope, type Provenance } from "./envelope.ts";

export interface ReferenceFigures {
  readonly symbol: string;
  readonly field: ReferenceField;
  readonly value: number;
  readonly precision: Precision;
  /** Date the figure refers to. */
  readonly date: string;
  readonly publishedAt: number;
  readonly note: string | null;
}

const SHELF_OF_FIELD: Readonly<Record<ReferenceField, Shelf>> = {
  FLOAT_SHARES: "floatShares",
  SHARES_OUTSTANDING: "sharesOutstanding",
  BORROW_FEE: "borrowFee",
  UTILISATION: "utilisation",
  SHORT_SALE_THRESHOLD: "thresholdList",
};

export function referenceFact(figures: ReferenceFigures, provenance: Provenance): Fact {
  const { symbol, field, date, publishedAt } = figures;
  const happenedAt = newYorkToUtc(date, "00:00");
  return {
    topic: "market.reference.v1",
    // Revisions are vintages: the same date stated again later is another fact.
    id: factId(provenance, symbol, `reference/${field}`, happenedAt, publishedAt),
    value: {
      ...envelope(symbol, happenedAt, publishedAt, provenance, SHELF_OF_FIELD[field]),
      field,
      value: figures.value,
      precision: figures.precision,
      note: figures.note,
    },
  };
}

export interface CorporateActionFigures {
  readonly symbol: string;
  readonly action: CorporateActionKind;
  readonly effectiveAt: number;
  readonly publishedAt: number;
  readonly ratio: number | null;
  readonly newSymbol: string | null;
}

export function corporateActionFact(figures: CorporateActionFigures, provenance: Provenance): Fact {
  const { symbol, action, effectiveAt, publishedAt } = figures;
  return {
    topic: "market.corporate-action.v1",
    id: factId(provenance, symbol, `corporate-action/${action}`, effectiveAt),
    value: {
      ...envelope(symbol, publishedAt, publishedAt, provenance, null),
      action,
      effectiveAt,
      ratio: figures.ratio,
      newSymbol: figures.newSymbol,
    },
  };
}

export interface HaltFigures {
  readonly symbol: string;
  readonly at: number;
  readonly status: "HALTED" | "RESUMED";
  readonly reason: string | null;
}

export function haltFact(figures: HaltFigures, provenance: Provenance): Fact {
  const { symbol, at, status } = figures;
  return {
    topic: "market.halt.v1",
    id: factId(provenance, symbol, `halt/${status}`, at),
    value: { ...envelope(symbol, at, at, provenance, null), status, reason: figures.reason },
  };
}
