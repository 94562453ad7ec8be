import { fileURLToPath } from "node:url";
import { freePort } from "@amc/platform/cache/testing/free-port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServiceProcess, until } from "../testing/service-process.ts";
import { TestDirectory } from "../testing/simulated-system.ts";
import { alertRules, dashboardPanels } from "./testing/operator-files.ts";
import { noPrometheus, TestPrometheus } from "./testing/prometheus-server.ts";

/** What operators start Prometheus with, over `npm start` in a process of its own. */

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
/** Many series for many: parses, and fails as it is evaluated. */
const FAILING = { record: "amc:failing", expr: "up * on() up" };

/** Panels of what has not happened in a start that plays a recording, is asked for nothing and has no account. */
const EMPTY: ReadonlySet<string> = new Set([
  "Dead letters by reason",
  "Failures and retries",
  "Spans",
  "Newest hour: figures",
  "Text messages: ends in an hour",
  "Text messages: the oldest that waits",
]);

describe.skipIf(noPrometheus !== "")(`Prometheus over a system that runs${noPrometheus}`, () => {
  const directory = new TestDirectory();
  let database: TestDatabase;
  let prometheus: TestPrometheus;
  let system: ServiceProcess;
  let target: string;

  beforeAll(async () => {
    const port = await freePort();
    target = `127.0.0.1:${port}`;
    database = await startTestPostgres();
    prometheus = await TestPrometheus.start({ "127.0.0.1:3000": target }, [FAILING]);
    const words = ["--data-dir", directory.at("data"), "--port", `${port}`];
    const environment = { DATABASE_URL: database.url("migrator"), LOG_LEVEL: "warn" };
    system = new ServiceProcess(words, environment, [MAIN, "start"]);
    await system.said("summary");
    await until(async () => (await prometheus.values("max(amc_stage_waiting_seconds)"))[0] === 0);
  });
  afterAll(async () => {
    await system?.kill();
    await prometheus?.stop();
    await database?.drop();
    directory.dispose();
  });

  /** Alerts that are not as they are where all is well, with their states. */
  async function raised(): Promise<readonly string[]> {
    const rules = await prometheus.rules();
    return rules.flatMap(({ name, state = "inactive" }) =>
      state === "inactive" ? [] : [`${name} ${state}`],
    );
  }

  it("reaches it where operators have it, and nobody where nothing runs", async () => {
    await until(async () =>
      (await prometheus.targets()).every(({ health }) => health !== "unknown"),
    );
    const targets = await prometheus.targets();
    const reached = targets.filter(({ health }) => health === "up");
    expect(reached).toMatchObject([{ labels: { job: "amc", instance: target }, lastError: "" }]);
    expect(
      targets.filter(({ health }) => health === "down").map(({ labels }) => labels.job),
    ).toEqual(Array.from({ length: targets.length - 1 }, () => "amc-roles"));
  });

  it("evaluates every rule without a failure but for the one that cannot be: the control", async () => {
    let rules: Awaited<ReturnType<TestPrometheus["rules"]>> = [];
    const isAsExpected = ({ name, health }: (typeof rules)[number]) =>
      health === (name === FAILING.record ? "err" : "ok");
    await until(
      async () => {
        rules = await prometheus.rules();
        return rules.every(isAsExpected);
      },
      () => JSON.stringify(rules.filter((rule) => !isAsExpected(rule))),
      30_000,
    );
    expect(rules.map(({ name }) => name).sort()).toEqual(
      [...alertRules().map(({ alert }) => alert), FAILING.record].sort(),
    );
    const failed = rules.find(({ health }) => health === "err");
    expect(failed?.lastError).toContain("many-to-many matching not allowed");
  });

  it("raises no alert while all is well", async () => {
    let standing: readonly string[] = [];
    await until(
      async () => {
        standing = await raised();
        return standing.length === 0;
      },
      () => standing.join(),
      30_000,
    );
    expect(standing).toEqual([]);
  });

  /** Titles of panels of which no expression has a series. */
  async function emptyPanels(): Promise<readonly string[]> {
    const panels = await Promise.all(
      dashboardPanels().map(async ({ title, targets }) => {
        const values = await Promise.all(targets.map(({ expr }) => prometheus.values(expr)));
        return values.flat().length === 0 ? [title] : [];
      }),
    );
    return panels.flat();
  }

  it("has data for every panel but those of what has not happened", async () => {
    expect((await fetch(`http://${target}/discovery/contenders`)).status).toBe(200);
    // A rate is known at the second scrape.
    let empty: readonly string[] = [];
    const isFilled = async () => {
      empty = await emptyPanels();
      return empty.every((title) => EMPTY.has(title));
    };
    await until(isFilled, () => empty.join(), 30_000);
    expect(empty).toEqual([...EMPTY]);
    expect(await prometheus.values("min by (component) (amc_up)")).toEqual([1, 1, 1]);
    const universe = await prometheus.values("max(amc_discovery_run_symbols{stage='universe'})");
    // Symbols of the built-in case.
    expect(universe).toEqual([3]);
  });

  it("is about to page with what to do once it has ended", async () => {
    expect(await system.stop()).toBe(0);
    await until(async () => (await raised()).includes("AmcDown pending"));
    const down = (await prometheus.rules()).find(({ name }) => name === "AmcDown");
    expect(down?.alerts).toMatchObject([
      {
        labels: { severity: "page", job: "amc", instance: target },
        annotations: { summary: `${target} does not answer /metrics` },
      },
    ]);
  });
});
