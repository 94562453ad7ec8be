import type { Layout } from "@amc/platform/text/record-splitter";
import type { DelimitedSource } from "../manifest/delimited-source.ts";
import { TOPIC_OF_KIND } from "../manifest/stated-topics.ts";
import {
  failsToDeliverRows,
  newsRows,
  referenceRows,
  shortInterestRows,
  shortVolumeRows,
} from "./dated-rows.ts";
import { type DelimitedPlan, type RowMapper, readDelimited } from "./delimited.ts";
import { barRows, quoteRows, tradeRows } from "./price-rows.ts";
import type { SourceContext, SourceFile, SourceItems } from "./reader.ts";
import { RowBasics } from "./row-basics.ts";
import type { TextMember } from "./text-members.ts";

/** Reads any delimited text as its manifest describes it. */
export function readDelimitedSource(
  source: DelimitedSource,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  const layout: Layout = {
    delimiter: source.delimiter,
    quote: source.quote,
    comment: source.comment ?? null,
    skipRows: source.skipRows,
  };
  const basics = new RowBasics(source, context, file);
  const plan: DelimitedPlan = {
    columns: source.columns,
    nullValues: source.nullValues,
    thousands: source.thousands ?? null,
    decimal: source.decimal,
    topic: TOPIC_OF_KIND[source.kind],
    mapper: (member) => rowMapper(source, basics, member),
  };
  return readDelimited(file, layout, source.header, () => plan);
}

function rowMapper(source: DelimitedSource, basics: RowBasics, member: TextMember): RowMapper {
  switch (source.kind) {
    case "bar":
      return barRows(source, basics, member);
    case "trade":
      return tradeRows(source, basics, member);
    case "quote":
      return quoteRows(source, basics, member);
    case "short-interest":
      return shortInterestRows(source, basics);
    case "short-volume":
      return shortVolumeRows(source, basics);
    case "fails-to-deliver":
      return failsToDeliverRows(source, basics);
    case "news":
      return newsRows(source, basics, member);
    case "reference":
      return referenceRows(source, basics);
  }
}
