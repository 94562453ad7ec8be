import { loadConfig } from "@amc/platform/config/load-config";
import { SERVICE_ROLES } from "@amc/platform/config/roles";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { TEXT_MESSAGE_ENDS } from "@amc/platform/metrics/text-message-metrics";
import { addTopicGauge } from "@amc/platform/metrics/topic-gauge";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { newCounts } from "@amc/platform/runtime/runner-counts";
import { addJobGauges } from "@amc/query-api/metrics/job-gauges";
import { memoryReadModel } from "@amc/query-api/testing/memory-read-model";
import { story } from "@amc/query-api/testing/story";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { hourMetric, jobRun } from "@amc/streams/testing/job-events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { PORTS_PER_SERVICE } from "../run/run-service.ts";
import type { System } from "../system.ts";
import { TestDirectory } from "../testing/simulated-system.ts";
import { playBuiltIn, systemOnDatabase } from "../testing/system-on-database.ts";
import {
  alertRule,
  alertRules,
  dashboardPanels,
  historyFiles,
  prometheusConfig,
  readOperatorFile,
} from "./testing/operator-files.ts";
import { isPromql, labelsKept, selectorsOf } from "./testing/promql.ts";

/** Dashboards and rules against a system that really runs. */

const DATASOURCES = z.object({ datasources: z.array(z.object({ uid: z.string() })) });

const rules = alertRules();
const panels = dashboardPanels();
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Values of the labels of series, by metric and label. */
type Series = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** Everything that /metrics answers, histograms under their three names. */
function seriesOf(text: string): Series {
  const series = new Map<string, Map<string, Set<string>>>();
  for (const [, type] of text.matchAll(/^# TYPE (\S+) \S+$/gm)) series.set(type ?? "", new Map());
  for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = series.get(name) ?? new Map<string, Set<string>>();
    for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
    series.set(name, known);
  }
  return series;
}

/** What Prometheus itself says of each target. */
function toldByPrometheus(): string {
  return prometheusConfig()
    .scrape_configs.flatMap(({ job_name: job, static_configs: configs }) =>
      configs.flatMap(({ labels, targets }) =>
        targets.map((instance) => {
          const role = labels === undefined ? "" : `,role="${labels.role}"`;
          return `up{job="${job}",instance="${instance}"${role}} 1\n`;
        }),
      ),
    )
    .join("");
}

/** Where series are asked for that nobody tells: metric, label or value. */
function missing(expression: string, told: Series): readonly string[] {
  return selectorsOf(expression).flatMap(({ metric, matchers, grouped }) => {
    const labels = told.get(metric);
    if (labels === undefined) return [metric];
    const values = matchers.flatMap(({ label, values: asked }) =>
      asked.flatMap((value) =>
        labels.get(label)?.has(value) === true ? [] : [`${metric}{${label}="${value}"}`],
      ),
    );
    return [...values, ...grouped.filter((label) => !labels.has(label))];
  });
}

/**
 * What others tell besides: `npm start` has no topics of Kafka and publishes no time, and here there is no account
 * for text messages, nothing has gone wrong, and neither a job nor an hour was measured.
 */
async function toldElsewhere(): Promise<string> {
  const metrics = new ProcessMetrics(Date.now);
  metrics.textMessages.opened();
  metrics.textMessages.watch(() => null);
  addTopicGauge(metrics.registry, async () => ({ absent: 0, differing: 0 }), Date.now);
  metrics.scheduler.published("clock", [TEN_O_CLOCK], 0, 0);
  metrics.failed("features", "log.timeout", true);
  metrics.projections.retried("monitoring", "40P01");
  metrics.countSpans("exported", 1);
  metrics.deadLettered("features", "avro.truncated");
  const counts = { ...newCounts(), skipped: new Map([["duplicate", 1]]) };
  metrics.stages.committed({ ...COMMITTED, counts });
  const hours = [hourMetric()].map(({ id, value: event }) => ({ id, event }));
  const jobs = [jobRun()].map(({ id, value: event }) => ({ id, event }));
  const readModel = memoryReadModel({ story: story(), hours, jobs });
  addJobGauges(metrics.registry, readModel, () => TEN_O_CLOCK);
  return await metrics.metrics();
}

const COMMITTED = {
  ...{ subtopology: "features", partition: 0, records: 1, appends: [], parents: new Map() },
  ...{ closedAtMs: null, batchMs: 1, commitMs: 1 },
};

let directory: TestDirectory;
let database: TestDatabase;
let system: System;
let answered: Series;
beforeAll(async () => {
  directory = new TestDirectory();
  database = await startTestPostgres();
  system = await systemOnDatabase(directory.path, database);
  await playBuiltIn(system);
  const isDone = async () =>
    (await system.processor.lag()) === 0 && (await system.projector.caughtUp());
  while (!(await isDone())) await Promise.race([new Promise(setImmediate), system.ended]);
  await fetch(`${system.address}/discovery/contenders`);
  const response = await fetch(`${system.address}/metrics`);
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  const told = [await response.text(), await toldElsewhere(), toldByPrometheus()];
  answered = seriesOf(told.join("\n"));
});
afterAll(async () => {
  await system.stop();
  await database.drop();
  directory.dispose();
});

describe("dashboards and rules", () => {
  it.each(expressions)("of %s parse by Prometheus's own grammar: %s", (_, expression) => {
    expect(isPromql(expression)).toBe(true);
  });

  it("would be caught with a broken expression: the control", () => {
    for (const broken of ["max by (x) (amc_up", "amc_up{component=}", "amc_up and"]) {
      expect(isPromql(broken), broken).toBe(false);
    }
  });

  it.each(expressions)(
    "of %s ask for metrics and labels that a running system answers: %s",
    (_, expression) => {
      expect(selectorsOf(expression).length).toBeGreaterThan(0);
      expect(missing(expression, answered)).toEqual([]);
    },
  );

  it("would be caught asking for what nobody answers: the control", () => {
    const selected = 'amc_up{component=~"log|queue", host="a"}';
    expect(
      missing(`sum by (nobody) (rate(amc_no_such_thing[5m]) / ${selected})`, answered),
    ).toEqual([
      ...["amc_no_such_thing", 'amc_up{component="queue"}', 'amc_up{host="a"}', "nobody"],
    ]);
  });

  it("name in legends what their expressions tell series apart by", () => {
    const labelled = panels.flatMap(({ targets }) => targets);
    for (const { expr, legendFormat } of labelled) {
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      const apart = labelsKept(expr).filter((label) => label !== "le");
      expect(named, expr).toEqual(apart);
    }
  });

  it("have histories of series that a running system answers, so that none fires for what nobody tells", () => {
    for (const { input_series: series } of historyFiles().flatMap(({ tests }) => tests)) {
      for (const { series: selector } of series) {
        const [asked] = selectorsOf(selector);
        const labels = new Set(answered.get(asked?.metric ?? "")?.keys());
        for (const ofTarget of ["job", "instance"]) labels.add(ofTarget);
        expect(answered.has(asked?.metric ?? ""), selector).toBe(true);
        expect(
          asked?.matchers.filter(({ label }) => !labels.has(label)),
          selector,
        ).toEqual([]);
      }
    }
  });

  it("have a chapter of the runbook for every alert, and no chapter for none", () => {
    const headings = [...readOperatorFile("docs/runbook.md").matchAll(/^## (\w+)$/gm)].map(
      ([, name]) => name,
    );
    expect(headings).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations } of rules) {
      expect(annotations.runbook_url).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    }
  });

  it("page for ends of text messages that are counted, each with what to do about it", () => {
    const { expr } = alertRule("AmcTextMessagesFailing");
    const ends = /end=~"([^"]+)"/.exec(expr)?.[1]?.split("|") ?? [];
    expect(ends.length).toBeGreaterThan(0);
    expect(TEXT_MESSAGE_ENDS).toEqual(expect.arrayContaining(ends));
    const [, chapter = ""] = readOperatorFile("docs/runbook.md").split("## AmcTextMessagesFailing");
    const [lines = ""] = chapter.split("\n## ");
    for (const end of ends) expect(lines, end).toContain(`\`${end}\`: `);
  });

  it("are where docker-compose.yml and the provisioning say", () => {
    const prometheus = prometheusConfig();
    expect(prometheus.rule_files).toEqual(["rules.yml"]);
    expect(prometheus.global.scrape_interval).toBe("60s");
    const jobs = prometheus.scrape_configs.map(({ job_name: job }) => job);
    expect(jobs).toEqual(["amc", "amc-roles"]);
    const { PORT, OPERATIONS_PORT } = loadConfig({});
    const targets = prometheus.scrape_configs.flatMap(({ static_configs: configs }) =>
      configs.map(({ labels, targets: [target] }) => [labels?.role ?? "api", target]),
    );
    const expected = SERVICE_ROLES.map((role, index) => {
      const port = role === "api" ? PORT : OPERATIONS_PORT + index * PORTS_PER_SERVICE;
      return [role, `127.0.0.1:${port}`];
    });
    expect(Object.fromEntries(targets)).toEqual(Object.fromEntries(expected));
    const sources = DATASOURCES.parse(
      parse(readOperatorFile("infra/grafana/provisioning/datasources/prometheus.yml")),
    ).datasources.map(({ uid }) => uid);
    expect([...new Set(panels.map(({ datasource }) => datasource.uid))]).toEqual(sources);
    const compose = readOperatorFile("docker-compose.yml");
    for (const mounted of [
      "infra/prometheus",
      "infra/grafana/provisioning",
      "infra/grafana/dashboards",
    ]) {
      expect(compose).toContain(`- ./${mounted}:/etc/`);
    }
    expect(compose).toContain("--storage.tsdb.retention.time=30d");
  });

  it("lay out panels that do not overlap", () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x}/${y}`), title).toBeUndefined();
          taken.set(`${x}/${y}`, title);
        }
      }
    }
  });
});
