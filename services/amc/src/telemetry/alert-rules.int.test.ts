import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import {
  type AlertHistory,
  type AlertRule,
  alertRule,
  alertRules,
  dashboardPanels,
  historyFiles,
  PROMETHEUS_HOME,
  prometheusConfig,
} from "./testing/operator-files.ts";
import { isPromql, labelsKept } from "./testing/promql.ts";
import { alikeOverHistories, noPromtool, PromtoolFolder, promtool } from "./testing/promtool.ts";
import { mutantsOf } from "./testing/rule-mutants.ts";

/** The rules that page somebody, evaluated by Prometheus over histories of the series they ask for. */

// Of the alert with most changes: seconds on a machine of its own, tens of them beside all else.
vi.setConfig({ testTimeout: 180_000 });

const rules = alertRules();
const files = historyFiles();
const alerts = rules.map(({ alert }) => [alert]);

/** Changes that no history can tell from the rule, and why. */
const SAME: readonly (readonly [change: RegExp, why: string])[] = [
  [
    /^AmcDown: .*up\{\[job="amc-roles"(?:, )? -> \](?:role=~"scheduler|\}\[7d)/,
    "the series that answered within the week are those asked for, job and role the same",
  ],
  [
    /^Amc(?:DataProblem|HourUnusual|TextMessagesFailing): .*\[sum -> max\]/,
    "of counts, which do not fall, the largest is more than 0 when their sum is",
  ],
  [
    /^AmcFailing: .*\[> -> >=\]/,
    "what a counter grew by is reckoned over the edges of the scrapes: of whole failures it is never 5",
  ],
];

/** Alerts without a history in which they fire and one in which they never do. */
function untold(
  ofRules: readonly Pick<AlertRule, "alert">[],
  histories: readonly AlertHistory[],
): readonly string[] {
  const isTold = (alert: string, end: "fires" | "stays quiet") =>
    histories.some(
      ({ name, alert_rule_test: looks }) =>
        name.startsWith(`${alert} ${end} `) &&
        looks.some(({ exp_alerts: expected = [] }) => expected.length > 0) === (end === "fires"),
    );
  return ofRules.flatMap(({ alert }) =>
    isTold(alert, "fires") && isTold(alert, "stays quiet") ? [] : [alert],
  );
}

describe("histories of alerts", () => {
  const histories = files.flatMap(({ tests }) => tests);

  it("are there for every alert: one that fires it, and one that just does not", () => {
    expect(untold(rules, histories)).toEqual([]);
  });

  it("would be missed with a rule that has none, or only half of them: the control", () => {
    const added = [...rules, { alert: "AmcAdded" }];
    expect(untold(added, histories)).toEqual(["AmcAdded"]);
    const neverFired = histories.filter(({ name }) => !name.startsWith("AmcRedisDown fires"));
    expect(untold(rules, neverFired)).toEqual(["AmcRedisDown"]);
    const neverQuiet = histories.filter(({ name }) => !name.startsWith("AmcRedisDown stays"));
    expect(untold(rules, neverQuiet)).toEqual(["AmcRedisDown"]);
  });

  it("say of which alert they are, and look at no other", () => {
    for (const { name, alert_rule_test: looks } of histories) {
      const [alert] = name.split(" ");
      expect(new Set(looks.map(({ alertname }) => alertname)), name).toEqual(new Set([alert]));
      expect(() => alertRule(alert ?? "")).not.toThrow();
    }
  });

  it("are scraped and looked at as often as Prometheus is told to, but for those of days and weeks", () => {
    const { global: told } = prometheusConfig();
    for (const { path, evaluation_interval: every, tests } of files) {
      const intervals = new Set([every, ...tests.map(({ interval }) => interval)]);
      const expected = path.endsWith("memory.yml")
        ? ["1h"]
        : [told.evaluation_interval, told.scrape_interval];
      expect([...intervals], path).toEqual(expected);
    }
  });
});

describe.skipIf(noPromtool !== "")(`rules of alerts${noPromtool}`, () => {
  it("are taken by Prometheus, and so is its configuration", async () => {
    const config = await promtool("check", "config", join(PROMETHEUS_HOME, "prometheus.yml"));
    expect(config.isGood, config.said).toBe(true);
    expect(config.said).toContain("1 rule files found");
    const checked = await promtool("check", "rules", join(PROMETHEUS_HOME, "rules.yml"));
    expect(checked.isGood, checked.said).toBe(true);
    expect(checked.said).toContain(`${rules.length} rules found`);
  });

  it.each(files.map(({ path }) => [path.slice(PROMETHEUS_HOME.length + 1), path]))(
    "say of the histories in %s what they are to say",
    async (_, path) => {
      const { isGood, said } = await promtool("test", "rules", path);
      expect(isGood, said).toBe(true);
    },
  );

  it.each(alerts)("would be caught with any part of %s changed: the control", async (alert) => {
    const rule = alertRule(alert ?? "");
    const mutants = mutantsOf(rule);
    expect(mutants.length).toBeGreaterThan(3);
    for (const { rule: changed } of mutants) expect(isPromql(changed.expr)).toBe(true);
    const all = [{ change: "none", rule }, ...mutants];
    const changedRules = all.map(({ rule: changed }) => changed);
    const alike = await alikeOverHistories(rule, changedRules, files);
    const known = all.filter(
      ({ change }) => change === "none" || SAME.some(([same]) => same.test(`${alert}: ${change}`)),
    );
    expect(alike.map((at) => all[at]?.change)).toEqual(known.map(({ change }) => change));
  });

  it("are of the same language as the dashboard's expressions, which Prometheus takes, too", async () => {
    using folder = new PromtoolFolder();
    const expressions = dashboardPanels().flatMap(({ targets }) => targets);
    const asRules = expressions.map(({ expr }, at) => ({ record: `amc:panel:${at}`, expr }));
    const { isGood, said } = await promtool("check", "rules", folder.rules("panels", asRules));
    expect(isGood, said).toBe(true);
    expect(said).toContain(`${expressions.length} rules found`);
    const broken = [{ record: "amc:panel:0", expr: "rate(amc_stage_records_total)" }];
    expect((await promtool("check", "rules", folder.rules("broken", broken))).isGood).toBe(false);
  });

  // Counters that begin with what they count first; all others are told as 0 before.
  it.each([
    "amc_dead_letters_total",
    "amc_failures_total",
    "amc_projector_retries_total",
    "amc_stage_skipped_total",
  ])("have panels beside them that show the first of %s, not the second", async (counter) => {
    const targets = dashboardPanels().flatMap((panel) => panel.targets);
    const shown = targets.filter(({ expr }) => expr.includes(`(${counter} `));
    expect(shown).toHaveLength(1);
    const isShown = async (expr: string) => {
      using folder = new PromtoolFolder();
      const labels = `{${labelsKept(expr)
        .map((label) => `${label}="x"`)
        .join(", ")}}`;
      const input_series = [{ series: `${counter}${labels}`, values: "_x5 3x20" }];
      const promql_expr_test = [
        { expr, eval_time: "8m15s", exp_samples: [{ labels, value: 3 }] },
        { expr, eval_time: "20m15s", exp_samples: [{ labels, value: 0 }] },
      ];
      const tests = [{ interval: "60s", input_series, promql_expr_test }];
      const { isGood } = await promtool("test", "rules", folder.write("panel.yml", { tests }));
      return isGood;
    };
    for (const { expr } of shown) {
      expect(await isShown(expr), expr).toBe(true);
      const control = expr.replace(/\w+ unless \w+ offset 5m or /, "");
      expect(control).not.toBe(expr);
      expect(await isShown(control), control).toBe(false);
    }
  });
});
