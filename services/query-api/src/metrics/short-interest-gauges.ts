import { ScrapedGauges } from "@amc/platform/metrics/scrape";
import type { Registry } from "prom-client";
import type { ApiConfig } from "../config.ts";
import {
  asksFinra,
  delayMs,
  publicAt,
  shortInterestStanding,
} from "../health/short-interest-standing.ts";
import { coverageRatios } from "../json/short-interest-coverage.ts";
import type { ReadModel } from "../read-model/port.ts";

export interface ShortInterestGauges {
  readonly readModel: ReadModel;
  readonly config: Pick<ApiConfig, "shortInterestMaxAgeMs" | "finraBufferMs">;
  readonly nowMs: () => number;
}

/**
 * How much of the universe has usable, and of that fresh, short interest (R-SI-16, R-SI-09), how old the
 * newest report is and for how long FINRA has owed the next one (R-MET-04). What is not known is left
 * out, and so is a delay where nobody asks FINRA.
 */
export function addShortInterestGauges(registry: Registry, gauges: ShortInterestGauges): void {
  addCoverage(registry, gauges);
  addAges(registry, gauges);
}

function addCoverage(registry: Registry, { readModel, config }: ShortInterestGauges): void {
  const { shortInterestMaxAgeMs: maxAgeMs } = config;
  const read = async () =>
    coverageRatios(await readModel.read((view) => view.shortInterestCoverage(maxAgeMs)));
  new ScrapedGauges(registry, read)
    .add({
      name: "amc_short_interest_coverage_ratio",
      help: "Share of the symbols with a price whose newest short interest may be scored",
      labels: [],
      series: ({ coverage }) => known(coverage),
    })
    .add({
      name: "amc_short_interest_fresh_ratio",
      help: "Share of the symbols with short interest whose newest was published at most SHORT_INTEREST_MAX_AGE_DAYS ago",
      labels: [],
      series: ({ freshness }) => known(freshness),
    });
}

/** The seed has them in hours; here every time is in seconds. */
function addAges(registry: Registry, { readModel, config, nowMs }: ShortInterestGauges): void {
  const read = async () => {
    const now = nowMs();
    const [periods, isAsked] = await readModel.read(async (view) => [
      await view.reportingSchedule(),
      await asksFinra(view, now),
    ]);
    const standing = shortInterestStanding(periods, now, config.finraBufferMs);
    const { collected } = standing;
    return {
      ageSeconds: collected === null ? null : (now - publicAt(collected)) / 1000,
      delaySeconds: collected === null || !isAsked ? null : delayMs(standing, periods, now) / 1000,
    };
  };
  new ScrapedGauges(registry, read)
    .add({
      name: "amc_short_interest_data_age_seconds",
      help: "Since the publication of the newest settlement date of which a figure came",
      labels: [],
      series: ({ ageSeconds }) => known(ageSeconds),
    })
    .add({
      name: "amc_finra_data_availability_delay_seconds",
      help: "Since the publication, by the calendar, of the oldest settlement date that is missing; 0 when none is",
      labels: [],
      series: ({ delaySeconds }) => known(delaySeconds),
    });
}

function known(value: number | null) {
  return value === null ? [] : [[{}, value] as const];
}
