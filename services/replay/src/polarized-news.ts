import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { News } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { headlineSentiment } from "@amc/streams/news/sentiment";
import type { FactSlice, SliceFactAppend } from "./slices.ts";

/** Which items get a polarity: those with a time of day, or those that have only a date as well. */
export type PolarizedItems = "timed" | "all";

export interface PolarizedNews {
  readonly slices: readonly FactSlice[];
  /** Items that had no polarity and have one now. */
  readonly polarized: number;
}

/**
 * The same market with what headlines say, read by our own model where nobody had stated it. This asks
 * what would have been, no more: headlines of curated recordings were worded with hindsight. Every
 * changed item has an id of its own and is marked as simulated, and so is what follows from it.
 */
export function withPolarity(slices: readonly FactSlice[], which: PolarizedItems): PolarizedNews {
  let polarized = 0;
  const changed = slices.map((slice) => ({
    ...slice,
    facts: slice.facts.map((fact) => {
      const read = polarityOf(fact, which);
      if (read === null) return fact;
      polarized += 1;
      return read;
    }),
  }));
  return { slices: changed, polarized };
}

function polarityOf(fact: SliceFactAppend, which: PolarizedItems): SliceFactAppend | null {
  const { append, topic } = fact;
  if (topic !== "market.news.v1" || append.value === null) return null;
  const decoded = decodeEvent(topic, append.value);
  if (!decoded.ok || !isWanted(decoded.value, which)) return null;
  const { headline, happenedAt } = decoded.value;
  const sentiment = headlineSentiment(headline);
  if (sentiment === null) return null;
  const news: News = { ...decoded.value, polarity: sentiment.polarity, simulated: true };
  const id = uuidOf(`polarized/${append.headers.ce_id ?? ""}`);
  const headers = eventHeaders({ id, source: "/amc/polarized", topic, happenedAt });
  return { ...fact, append: { ...append, value: encodeEvent(topic, news), headers } };
}

function isWanted({ polarity, timePrecision }: News, which: PolarizedItems): boolean {
  return polarity === null && (which === "all" || timePrecision === "INSTANT");
}
