import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { recordsOf } from "@amc/replay/log-digests";
import { decodeEvent } from "@amc/schemas/codec";
import { FACT_TOPICS } from "@amc/schemas/topics";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { runCommand } from "../testing/run-command.ts";
import { ServiceProcess, until } from "../testing/service-process.ts";

// A minute is taken eleven seconds after its end, and a slot waits for that.
vi.setConfig({ testTimeout: 120_000 });

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
/** Yahoo, RSS and FINRA, which want no key; nobody else is asked. */
const MOCKS = {
  YAHOO_FINANCE_MOCK: "true",
  MOCK_NEWS_DATA_ENABLED: "true",
  MOCK_FINRA_DATA_ENABLED: "true",
  // The first slot comes within a minute.
  DISCOVERY_FREQUENCY_MINUTES: "1",
  AMC_PARTITIONS: "1",
};
/** A Friday morning in the regular session, of which SIMD makes a surge. */
const AT = "2025-09-05T14:29:45Z";

describe("npm start -- --live", () => {
  let directory = "";
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "amc-live-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const start = (data: string, environment: Readonly<Record<string, string>>, live: string) =>
    new ServiceProcess(
      ["--live", live, "--at", AT, "--data-dir", data, "--port", "0", "--profile", "active"],
      environment,
      [MAIN, "start"],
    );

  it("goes from history to evaluated rows on mocks without a network, all marked simulated, and asks for nothing twice", async () => {
    const data = join(directory, "mocked");
    const first = start(data, MOCKS, "GME=GameStop,AMC,SIMD");
    try {
      const [run] = await first.said("run");
      expect(run).toMatchObject({ universe: expect.any(Number), evaluable: 3 });
      const address = String(first.lines("serving")[0]?.address);
      await until(async () => (await fetch(`${address}/symbols/SIMD`)).ok);
      const row: unknown = await (await fetch(`${address}/symbols/SIMD`)).json();
      expect(row).toMatchObject({ data: [{ features: { symbol: "SIMD", simulated: true } }] });
      const metrics = await (await fetch(`${address}/metrics`)).text();
      expect(metrics).toMatch(/^amc_provider_api_requests_total\{provider="yahoo"\} [1-9]/m);
      expect(metrics).toMatch(/^yahoo_finance_\w+ [1-9]/m);
    } finally {
      expect(await first.stop()).toBe(EXIT.ok);
    }
    expect(first.lines("source").map(({ provider, state }) => [provider, state])).toEqual([
      ["yahoo", "mock"],
      ["polygon", "not-asked"],
      ["rss", "mock"],
      ["finra_short", "mock"],
      ["alpha_vantage", "not-asked"],
    ]);
    expect(first.lines("unreachable")).toEqual([]);
    const before = await factsIn(data);
    expect(before.every(({ simulated }) => simulated)).toBe(true);

    const second = start(data, MOCKS, "GME=GameStop,AMC,SIMD");
    await second.said("live");
    const warmUps = second.lines("warm-up");
    expect(await second.stop()).toBe(EXIT.ok);
    expect(warmUps).toMatchObject([
      ...[{ what: "prices" }, { what: "float and short interest", facts: 0 }],
      ...[
        { what: "headlines", facts: 0 },
        { what: "headlines by search", facts: 0 },
      ],
    ]);
    // Made-up prices are never followed by real ones.
    const words = ["start", "--live", "GME", "--data-dir", data, "--port", "0"];
    const real = await runCommand(words, { AMC_PARTITIONS: "1" });
    expect(real.exitCode, real.stderr).toBe(EXIT.config);
    expect(real.stderr).toContain("the log has made-up facts in");
    const after = await factsIn(data);
    expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
  });

  it("deletes old rows at 02:00 UTC, and its API tells so (R-JOB-19)", async () => {
    const words = ["--live", "GME", "--at", "2025-09-05T01:59:30Z", "--port", "0"];
    const data = join(directory, "night");
    // Time waits for the job: its run is in the log before the next tick (R-ENV-17).
    const environment = { ...MOCKS, SCHEDULER_JOBS_INLINE: "true" };
    const live = new ServiceProcess([...words, "--data-dir", data], environment, [MAIN, "start"]);
    try {
      await live.said("live");
      const address = String(live.lines("serving")[0]?.address);
      const runs = async (): Promise<unknown> =>
        (await fetch(`${address}/jobs/runs?job=data_cleanup&state=succeeded`)).json();
      await until(async () => JSON.stringify(await runs()).includes("succeeded"));
      expect(await runs()).toMatchObject({
        data: [{ job: "data_cleanup", dueAt: "2025-09-05T02:00:00.000Z", errorCode: null }],
      });
    } finally {
      expect(await live.stop()).toBe(EXIT.ok);
    }
  });

  it("compares FINRA's page of reporting dates at 09:00, and its API tells so (R-ING-04)", async () => {
    const words = ["--live", "GME", "--at", "2025-09-05T12:59:30Z", "--port", "0"];
    const data = join(directory, "check");
    const environment = { ...MOCKS, SCHEDULER_JOBS_INLINE: "true" };
    const live = new ServiceProcess([...words, "--data-dir", data], environment, [MAIN, "start"]);
    try {
      const [said] = await live.said("schedule");
      expect(said).toMatchObject({ provider: "finra_short", periods: 24, code: null });
      const address = String(live.lines("serving")[0]?.address);
      const runs = async (): Promise<unknown> =>
        (await fetch(`${address}/jobs/runs?job=check-finra-schedule`)).json();
      await until(async () => JSON.stringify(await runs()).includes("succeeded"));
      expect(await runs()).toMatchObject({ data: [{ dueAt: "2025-09-05T13:00:00.000Z" }] });
    } finally {
      expect(await live.stop()).toBe(EXIT.ok);
    }
  });

  it("says of each source that it cannot reach what it is and what to do, and goes on", async () => {
    // Nobody answers on the port of discard.
    const nowhere = "http://127.0.0.1:9";
    const environment = {
      ...{ YAHOO_FINANCE_BASE_URL: nowhere, YAHOO_FINANCE_RETRY_ATTEMPTS: "0" },
      ...{ FINRA_API_BASE_URL: nowhere, FINRA_CDN_BASE_URL: nowhere },
      ...{ FINRA_CIRCUIT_BREAKER_THRESHOLD: "1", NEWS_FEED_URL: `${nowhere}/?s={symbol}` },
    };
    const words = ["--live", "GME", "--data-dir", join(directory, "alone"), "--port", "0"];
    const live = new ServiceProcess(words, environment, [MAIN, "start"]);
    try {
      await live.said("live");
    } finally {
      expect(await live.stop()).toBe(EXIT.ok);
    }
    const told = live.lines("unreachable");
    expect(new Set(told.map(({ provider }) => provider))).toEqual(
      new Set(["yahoo", "rss", "finra_short"]),
    );
    expect(told.every(({ advice }) => String(advice).length > 0)).toBe(true);
  });

  it("refuses what cannot be live, in one line", async () => {
    const file = join(directory, "empty.txt");
    await writeFile(file, "# nobody\n");
    const cases = [
      [["--live", "market"], EXIT.config, "needs POLYGON_API_KEY"],
      [["--universe", file], EXIT.usage, "no symbol is named"],
      [["--universe", join(directory, "none.txt")], EXIT.noInput, "cannot be read"],
      [["--live", "GME", "--at", AT], EXIT.usage, "--at needs mocks of all that is asked"],
      [["--live", "GME", "--recording", "gme-2021"], EXIT.usage, "without --recording"],
      [["--at", AT], EXIT.usage, "--at goes with --live"],
    ] as const;
    for (const [words, code, message] of cases) {
      const result = await runCommand(["start", ...words, "--data-dir", join(directory, "no")]);
      expect(result.exitCode, message).toBe(code);
      expect(result.stderr).toContain(message);
    }
  });
});

async function factsIn(data: string) {
  const log = await logAt(data);
  try {
    const facts: { readonly id: string; readonly simulated: boolean }[] = [];
    for (const topic of FACT_TOPICS) {
      for await (const { headers, value } of recordsOf(log, topic)) {
        const decoded = value === null ? null : decodeEvent(topic, value);
        if (decoded?.ok !== true) throw new TypeError(`${topic} holds what is no event`);
        facts.push({ id: `${topic} ${headers.ce_id}`, simulated: decoded.value.simulated });
      }
    }
    return facts;
  } finally {
    await log.close();
  }
}
