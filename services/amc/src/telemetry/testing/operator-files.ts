import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** What operators start Prometheus and Grafana with, as it stands in the tree. */

const ROOT = join(import.meta.dirname, "../../../../..");
export const PROMETHEUS_HOME = join(ROOT, "infra/prometheus");
/** Histories that say when each alert fires; of several files, since they are long. */
const HISTORIES = "infra/prometheus/tests";

export const readOperatorFile = (path: string) => readFileSync(join(ROOT, path), "utf8");

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
export type AlertRule = Readonly<z.infer<typeof RULE>>;
const RULES = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(RULE).min(1) })).min(1),
});

export function alertRules(): readonly AlertRule[] {
  const { groups } = RULES.parse(parse(readOperatorFile("infra/prometheus/rules.yml")));
  return groups.flatMap(({ rules }) => rules);
}

export function alertRule(name: string): AlertRule {
  const rule = alertRules().find(({ alert }) => alert === name);
  if (rule === undefined) throw new Error(`infra/prometheus/rules.yml has no ${name}`);
  return rule;
}

// The format of promtool's unit tests, as far as it is used here.
const HISTORY = z.strictObject({
  name: z.string(),
  interval: z.string(),
  input_series: z.array(z.strictObject({ series: z.string(), values: z.string() })).min(1),
  alert_rule_test: z
    .array(
      z.strictObject({
        eval_time: z.string(),
        alertname: z.string(),
        exp_alerts: z
          .array(
            z.strictObject({
              exp_labels: z.record(z.string(), z.string()),
              exp_annotations: z.record(z.string(), z.string()),
            }),
          )
          .optional(),
      }),
    )
    .min(1),
});
export type AlertHistory = Readonly<z.infer<typeof HISTORY>>;
const HISTORY_FILE = z.strictObject({
  rule_files: z.array(z.string()),
  evaluation_interval: z.string(),
  tests: z.array(HISTORY).min(1),
});
export type HistoryFile = Readonly<z.infer<typeof HISTORY_FILE>> & { readonly path: string };

export function historyFiles(): readonly HistoryFile[] {
  return readdirSync(join(ROOT, HISTORIES)).map((name) => ({
    path: join(ROOT, HISTORIES, name),
    ...HISTORY_FILE.parse(parse(readOperatorFile(join(HISTORIES, name)))),
  }));
}

const PANEL = z.object({
  title: z.string(),
  datasource: z.object({ uid: z.string() }),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).min(1),
});
const DASHBOARD = z.object({ uid: z.string(), title: z.string(), panels: z.array(PANEL).min(1) });

export function dashboardPanels(): readonly z.infer<typeof PANEL>[] {
  return DASHBOARD.parse(JSON.parse(readOperatorFile("infra/grafana/dashboards/amc.json"))).panels;
}

const PROMETHEUS = z.object({
  global: z.object({ scrape_interval: z.string(), evaluation_interval: z.string() }),
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

export function prometheusConfig(): z.infer<typeof PROMETHEUS> {
  return PROMETHEUS.parse(parse(readOperatorFile("infra/prometheus/prometheus.yml")));
}
