import { ScrapedGauges } from "@amc/platform/metrics/scrape";
import { JOB_SPAN_MS, successRatio } from "@amc/streams/jobs/job-success";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import type { Registry } from "prom-client";
import type { ReadModel } from "../read-model/port.ts";

/** More figures than an hour has, of every provider and its mock. */
const FIGURES_MAX = 200;

/** R-JOB-20 and R-MET-11: how many runs of jobs succeed, and when each job last did; R-JOB-15: the newest hour. */
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
  const readHour = () =>
    readModel.read((view) =>
      view.hourMetrics({
        ...{ limit: FIGURES_MAX, after: null, asOfMs: null },
        ...{ metric: null, fromMs: nowMs() - DAY_MS, toMs: null },
      }),
    );
  new ScrapedGauges(registry, readHour).add({
    name: "amc_hour_metric",
    help: "Figures of the newest hour of a day that was measured: counts, and ms of latencies",
    labels: ["metric", "subject", "simulated"],
    series: (figures) =>
      figures.flatMap(({ event: { metric, subject, simulated, value, happenedAt } }) => {
        if (value === null || happenedAt !== figures[0]?.event.happenedAt) return [];
        return [[{ metric, subject, simulated: String(simulated) }, value] as const];
      }),
  });
}
