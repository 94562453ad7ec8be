import { ScrapedGauges } from "@amc/platform/metrics/scrape";
import type { Registry } from "prom-client";
import { coverageRatios } from "../json/short-interest-coverage.ts";
import type { ReadModel } from "../read-model/port.ts";

/** R-SI-16 and R-SI-09: how much of the universe has usable, and of that fresh, short interest. */
export function addShortInterestGauges(
  registry: Registry,
  readModel: ReadModel,
  maxAgeMs: number,
): void {
  const read = async () =>
    coverageRatios(await readModel.read((view) => view.shortInterestCoverage(maxAgeMs)));
  const known = (value: number | null) => (value === null ? [] : [[{}, value] as const]);
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
