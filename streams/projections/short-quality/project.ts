import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";

/** A judgement, and what its source now states about the settlement date. */
export function projectShortQuality(
  { id, value }: StageEvent<"short.quality.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  const { symbol, settlementDate, source, averageDailyVolume } = value;
  return [
    {
      table: "short_interest_quality",
      row: {
        symbol,
        reporting_date: settlementDate,
        data_source: source,
        completeness_score: value.completeness,
        accuracy_score: value.accuracy,
        freshness_score: value.freshness,
        consistency_score: value.consistency,
        overall_quality: value.overall,
        validation_notes: {
          notes: value.notes,
          exclusions: value.exclusions,
          sources: value.sources,
          outliers: value.outliers,
          agreement: value.agreement.toLowerCase(),
        },
        created_at: value.happenedAt,
        is_leading: value.leading,
        usable: value.usable,
        usable_until: value.usableUntil,
        event: record,
        event_id: id,
      },
    },
    {
      table: "short_interest_data",
      row: {
        symbol,
        reporting_date: settlementDate,
        settlement_date: settlementDate,
        short_interest_shares: value.sharesShort,
        avg_daily_volume: averageDailyVolume === null ? null : Math.round(averageDailyVolume),
        days_to_cover: value.daysToCover,
        short_percent_float: value.percentFloat,
        data_source: source,
        data_quality_score: value.overall,
        created_at: value.firstPublishedAt,
        updated_at: value.happenedAt,
        event_id: id,
      },
    },
  ];
}
