import type { Provenance } from "@amc/streams/facts/envelope";
import { type ReferenceFigures, referenceFact } from "@amc/streams/facts/security";
import type { Fact } from "@amc/streams/kernel/fact";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { RowError } from "./row-error.ts";

/** Throws RowError for a figure that was published before the date it refers to. */
export function statedReference(figures: ReferenceFigures, provenance: Provenance): Fact {
  if (figures.publishedAt < newYorkToUtc(figures.date, "00:00")) {
    const message = `publishedAt lies before ${figures.date}, the date the figure refers to`;
    throw new RowError("time.published-before-happening", message);
  }
  return referenceFact(figures, provenance);
}
