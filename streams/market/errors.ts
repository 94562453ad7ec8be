/** Stable codes of dates, times and calendar questions. Callers match the code, never the text. */
export type MarketTimeErrorCode =
  | "market-time.invalid-date"
  | "market-time.invalid-time"
  | "market-time.invalid-instant"
  | "market-time.invalid-frequency"
  | "market-time.outside-calendar"
  | "market-time.not-a-trading-day";

export interface MarketTimeErrorFacts {
  readonly date?: string;
  readonly time?: string;
  readonly epochMs?: number;
  readonly everyMinutes?: number;
}

export class MarketTimeError extends Error {
  readonly code: MarketTimeErrorCode;
  readonly facts: MarketTimeErrorFacts;

  constructor(code: MarketTimeErrorCode, message: string, facts: MarketTimeErrorFacts = {}) {
    super(message);
    this.name = "MarketTimeError";
    this.code = code;
    this.facts = facts;
  }
}
