import type { Provenance } from "@amc/streams/facts/envelope";
import { newsFact } from "@amc/streams/facts/news";
import { corporateActionFact, haltFact } from "@amc/streams/facts/security";
import { shortInterestFact } from "@amc/streams/facts/short-sale";
import type { Fact } from "@amc/streams/kernel/fact";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { publishedAt as shortInterestPublishedAt } from "@amc/streams/short-interest/finra-calendar";
import type { InlineFact } from "../manifest/inline-facts.ts";
import { TOPIC_OF_INLINE_KIND } from "../manifest/stated-topics.ts";
import type { RecordingManifest } from "../manifest.ts";
import type { SourceItem } from "./fact.ts";
import { statedReference } from "./reference.ts";
import { refuseInvalid, rejectedBy } from "./row-error.ts";

/** The facts written in a manifest; their row is the position in `inline`, from 1. */
export function inlineItems(manifest: RecordingManifest): SourceItem[] {
  return manifest.inline.map((inline, index) => {
    const vendor = inline.vendor ?? manifest.vendor;
    const provenance = {
      source: vendor.name,
      confidence: vendor.weight,
      simulated: manifest.simulated,
    };
    const place = { path: `${manifest.name}#inline`, row: index + 1 };
    try {
      const fact = factOf(inline, provenance);
      refuseInvalid(fact, () => null);
      return { type: "fact", fact, row: place.row };
    } catch (error) {
      return rejectedBy(error, place, TOPIC_OF_INLINE_KIND[inline.kind], JSON.stringify(inline));
    }
  });
}

function factOf(inline: InlineFact, provenance: Provenance): Fact {
  const { symbol } = inline;
  switch (inline.kind) {
    case "reference": {
      const { field, value, precision, date, note = null } = inline;
      const publishedAt = Date.parse(inline.publishedAt);
      return statedReference(
        { symbol, field, value, precision, date, publishedAt, note },
        provenance,
      );
    }
    case "corporate-action": {
      const { action, ratio = null, newSymbol = null } = inline;
      const effectiveAt = effectiveInstant(inline.effectiveAt);
      const publishedAt = Date.parse(inline.publishedAt);
      return corporateActionFact(
        { symbol, action, effectiveAt, publishedAt, ratio, newSymbol },
        provenance,
      );
    }
    case "halt": {
      const { status, reason = null } = inline;
      return haltFact({ symbol, at: Date.parse(inline.publishedAt), status, reason }, provenance);
    }
    case "news": {
      const at = Date.parse(inline.publishedAt);
      return newsFact(
        {
          symbol,
          happenedAt: at,
          publishedAt: at,
          headline: inline.headline,
          itemId: null,
          url: inline.url ?? null,
          isDateOnly: false,
          polarity: null,
          credibility: null,
          eventAt: inline.eventAt === undefined ? null : Date.parse(inline.eventAt),
        },
        provenance,
      );
    }
    case "short-interest": {
      const { settlementDate, sharesShort, publishedAt } = inline;
      return shortInterestFact(
        {
          symbol,
          settlementDate,
          publishedAt:
            publishedAt === undefined
              ? shortInterestPublishedAt(settlementDate)
              : Date.parse(publishedAt),
          sharesShort,
          previousSharesShort: null,
          averageDailyVolume: null,
          daysToCover: null,
          precision: "EXACT",
          revision: false,
        },
        provenance,
      );
    }
  }
}

/** A date takes effect with the premarket of that day. */
function effectiveInstant(dateOrInstant: string): number {
  return dateOrInstant.length === 10
    ? newYorkToUtc(dateOrInstant, "04:00")
    : Date.parse(dateOrInstant);
}
