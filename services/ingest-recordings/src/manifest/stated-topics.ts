import type { FactTopic } from "@amc/schemas/topics";
import type { SourceSpec } from "../manifest.ts";
import type { DelimitedKind } from "./delimited-source.ts";
import type { InlineFact } from "./inline-facts.ts";

/** What rows of a delimited source of each kind become. */
export const TOPIC_OF_KIND: Readonly<Record<DelimitedKind, FactTopic>> = {
  bar: "market.price-tick.v1",
  trade: "market.price-tick.v1",
  quote: "market.price-tick.v1",
  "short-interest": "short.interest.v1",
  "short-volume": "short.volume.v1",
  "fails-to-deliver": "short.fails-to-deliver.v1",
  news: "market.news.v1",
  reference: "market.reference.v1",
};

/** What a fact written in the manifest itself becomes. */
export const TOPIC_OF_INLINE_KIND: Readonly<Record<InlineFact["kind"], FactTopic>> = {
  reference: "market.reference.v1",
  "corporate-action": "market.corporate-action.v1",
  halt: "market.halt.v1",
  news: "market.news.v1",
  "short-interest": "short.interest.v1",
};

/** What a source may state; more than one where only the header of its file decides. */
export function statedTopics(source: SourceSpec): readonly FactTopic[] {
  switch (source.format) {
    case "delimited":
      return [TOPIC_OF_KIND[source.kind]];
    case "lean-option":
      return ["market.options.v1"];
    case "lean-factor":
      return ["market.corporate-action.v1"];
    case "finra-pipe":
      return ["short.volume.v1", "short.interest.v1"];
    case "dated-events":
      return ["market.news.v1"];
    default:
      return ["market.price-tick.v1"];
  }
}
