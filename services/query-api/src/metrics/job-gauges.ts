import { ScrapedGauges } from "@amc/platform/metrics/scrape";
import type { Registry } from "prom-client";
import { JOB_SPAN_MS, successRatio } from "../json/job-success.ts";
import type { ReadModel } from "../read-model/port.ts";

/** R-JOB-20 and R-MET-11: how many runs of jobs succeed, and when each job last did. */
export function addJobGauges(registry: Registry, readModel: ReadModel, nowMs: () => number): void {
  const read = () => readModel.read((view) => view.jobStandings(nowMs() - JOB_SPAN_MS));
  new ScrapedGauges(registry, read)
    .add({
      name: "amc_jobs_success_ratio",
      help: "Share of the runs of all scheduled jobs in 30 days that succeeded; at least 0.98 is aimed at",
      // Without a label it would be 0 where nothing is known.
      labels: ["span"],
      series: (standings) => {
        const ratio = successRatio(standings);
        return ratio === null ? [] : [[{ span: "30d" }, ratio] as const];
      },
    })
    .add({
      name: "amc_job_success_ratio",
      help: "The same, of one job",
      labels: ["job"],
      series: (standings) =>
        standings.flatMap((standing) => {
          const ratio = successRatio([standing]);
          return ratio === null ? [] : [[{ job: standing.job }, ratio] as const];
        }),
    })
    .add({
      name: "amc_job_last_success_timestamp_seconds",
      help: "Instant of the newest run in 30 days that succeeded",
      labels: ["job"],
      series: (standings) =>
        standings.flatMap(({ job, lastSuccessDueAt: atMs }) =>
          atMs === null ? [] : [[{ job }, atMs / 1_000] as const],
        ),
    });
}
