import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "@amc/platform/config/load-config";
import { SERVICE_ROLES } from "@amc/platform/config/roles";
import { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import { TEXT_MESSAGE_ENDS } from "@amc/platform/metrics/text-message-metrics";
import { addTopicGauge } from "@amc/platform/metrics/topic-gauge";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { parser } from "@prometheus-io/lezer-promql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { PORTS_PER_SERVICE } from "../run/run-service.ts";
import type { System } from "../system.ts";
import { TestDirectory } from "../testing/simulated-system.ts";
import { playBuiltIn, systemOnDatabase } from "../testing/system-on-database.ts";

/** Dashboards and rules against a system that really runs. */

const ROOT = join(import.meta.dirname, "../../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

// The format of Prometheus 3's rule files; unknown fields are refused there, too.
const RULE = z.strictObject({
  alert: z.string().regex(/^Amc[A-Za-z]+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[smh]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(["page", "warn"]) }),
  annotations: z.strictObject({ summary: z.string().min(1), runbook_url: z.string() }),
});
const RULES = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(RULE).min(1) })).min(1),
});
const PANEL = z.object({
  title: z.string(),
  datasource: z.object({ uid: z.string() }),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.object({ expr: z.string() })).min(1),
});
const DASHBOARD = z.object({ uid: z.string(), title: z.string(), panels: z.array(PANEL).min(1) });
const PROMETHEUS = z.object({
  global: z.object({ scrape_interval: z.string() }),
  rule_files: z.array(z.string()),
  scrape_configs: z.array(
    z.object({
      job_name: z.string(),
      static_configs: z.array(
        z.object({
          labels: z.object({ role: z.string() }).optional(),
          targets: z.array(z.string()),
        }),
      ),
    }),
  ),
});
const DATASOURCES = z.object({ datasources: z.array(z.object({ uid: z.string() })) });

const rules = RULES.parse(parse(read("infra/prometheus/rules.yml"))).groups.flatMap(
  ({ rules: ofGroup }) => ofGroup,
);
const { panels } = DASHBOARD.parse(JSON.parse(read("infra/grafana/dashboards/amc.json")));
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Whether Prometheus's own grammar takes an expression. */
function isPromql(expression: string): boolean {
  let isWhole = true;
  parser.parse(expression).iterate({
    enter: ({ type }) => {
      if (type.isError) isWhole = false;
    },
  });
  return isWhole;
}

/** Selectors of an expression with the labels they ask for, and the labels it groups by. */
function asksFor(expression: string): { metrics: Map<string, Set<string>>; grouped: string[] } {
  const metrics = new Map<string, Set<string>>();
  for (const [, name = "", matchers = ""] of expression.matchAll(
    /\b(amc_\w+|up\b)(?:\{([^}]*)\})?/g,
  )) {
    const labels = [...matchers.matchAll(/(\w+)\s*(?:=|!)/g)].map(([, label = ""]) => label);
    metrics.set(name, new Set([...(metrics.get(name) ?? []), ...labels]));
  }
  const grouped = [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) =>
    list.split(",").map((label) => label.trim()),
  );
  return { metrics, grouped };
}

/** Label names of every series that /metrics answers, histograms under their three names. */
function seriesOf(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const series = new Map<string, Set<string>>();
  for (const [, type] of text.matchAll(/^# TYPE (\S+) \S+$/gm)) series.set(type ?? "", new Set());
  for (const [, name = "", labels = ""] of text.matchAll(/^(amc_\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = series.get(name) ?? new Set();
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
    series.set(name, known);
  }
  return series;
}

/** What others tell besides: `npm start` has no topics of Kafka, and here no account for text messages. */
async function toldElsewhere(): Promise<string> {
  const metrics = new ProcessMetrics(Date.now);
  metrics.textMessages.opened();
  metrics.textMessages.watch(() => null);
  addTopicGauge(metrics.registry, async () => ({ absent: 0, differing: 0 }), Date.now);
  return await metrics.metrics();
}

let directory: TestDirectory;
let database: TestDatabase;
let system: System;
let answered: ReadonlyMap<string, ReadonlySet<string>>;
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
  answered = seriesOf(`${await response.text()}${await toldElsewhere()}`);
});
afterAll(async () => {
  await system.stop();
  await database.drop();
  directory.dispose();
});

// Only told once something has gone wrong, or where time is published, so a system in health that
// plays a recording has the name without a series.
const WITHOUT_SERIES: ReadonlySet<string> = new Set([
  "amc_scheduler_last_tick_timestamp_seconds",
  "amc_failures_total",
  "amc_projector_retries_total",
  "amc_trace_spans_total",
  "amc_dead_letters_total",
  "amc_stage_skipped_total",
  "amc_hour_metric",
]);

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
      const { metrics, grouped } = asksFor(expression);
      expect(metrics.size).toBeGreaterThan(0);
      const known = new Set<string>();
      for (const [name, labels] of metrics) {
        // Prometheus itself says of every target whether it answers.
        if (name === "up") continue;
        const series = answered.get(name);
        expect(series, name).toBeDefined();
        for (const label of series ?? []) known.add(label);
        if (WITHOUT_SERIES.has(name)) continue;
        expect([...labels].filter((label) => series?.has(label) !== true)).toEqual([]);
      }
      if ([...metrics.keys()].some((name) => WITHOUT_SERIES.has(name))) return;
      expect(grouped.filter((label) => !known.has(label))).toEqual([]);
    },
  );

  it("would be caught asking for what nobody answers: the control", () => {
    const { metrics, grouped } = asksFor('sum by (nobody) (amc_no_such_thing{part="x"})');
    expect([...metrics.keys()].filter((name) => answered.has(name))).toEqual([]);
    expect([...(metrics.get("amc_no_such_thing") ?? [])]).toEqual(["part"]);
    expect(grouped).toEqual(["nobody"]);
  });

  it("have a chapter of the runbook for every alert, and no chapter for none", () => {
    const headings = [...read("docs/runbook.md").matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations } of rules) {
      expect(annotations.runbook_url).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    }
  });

  it("page for ends of text messages that are counted, each with what to do about it", () => {
    const { expr = "" } = rules.find(({ alert }) => alert === "AmcTextMessagesFailing") ?? {};
    const ends = /end=~"([^"]+)"/.exec(expr)?.[1]?.split("|") ?? [];
    expect(ends.length).toBeGreaterThan(0);
    expect(TEXT_MESSAGE_ENDS).toEqual(expect.arrayContaining(ends));
    const [, chapter = ""] = read("docs/runbook.md").split("## AmcTextMessagesFailing");
    const [lines = ""] = chapter.split("\n## ");
    for (const end of ends) expect(lines, end).toContain(`\`${end}\`: `);
  });

  it("are where docker-compose.yml and the provisioning say", () => {
    const prometheus = PROMETHEUS.parse(parse(read("infra/prometheus/prometheus.yml")));
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
      parse(read("infra/grafana/provisioning/datasources/prometheus.yml")),
    ).datasources.map(({ uid }) => uid);
    expect([...new Set(panels.map(({ datasource }) => datasource.uid))]).toEqual(sources);
    const compose = read("docker-compose.yml");
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
