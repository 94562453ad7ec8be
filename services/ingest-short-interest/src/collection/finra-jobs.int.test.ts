import type { MockServer } from "@amc/mock-providers/mock-server";
import { startMockFinra } from "@amc/mock-providers/testing/start-mock-finra";
import { isProviderError } from "@amc/platform/http/provider-error";
import { eventsOf, providerUnderTest } from "@amc/platform/http/testing/provider-under-test";
import { JobWorker } from "@amc/platform/jobs/job-worker";
import { jobTick } from "@amc/platform/jobs/testing/job-tick";
import { runsTold } from "@amc/platform/jobs/testing/runs-told";
import { withoutDeadlines } from "@amc/platform/jobs/testing/without-deadlines";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import type { JobName } from "@amc/streams/jobs/job-table";
import { isoUtc, newYorkToUtc } from "@amc/streams/market/event-time";
import { periodDecided } from "@amc/streams/testing/schedule-events";
import { afterEach, describe, expect, it } from "vitest";
import { Finra } from "../providers/finra/finra.ts";
import { finraJobs } from "./finra-jobs.ts";

// TV-FIN-18 and 17: settled 2025-08-29, due 2025-09-03, published 2025-09-10; the one before 2025-08-15.
const SETTLEMENT = "2025-08-29";
const BEFORE = "2025-08-15";
const never = new AbortController().signal;
const START_MS = newYorkToUtc("2025-09-03", "06:00");

function interestOf(settlementDate: string, symbols: readonly string[] = ["GME", "AMC"]) {
  return symbols.map((symbolCode) => ({
    ...{ symbolCode, settlementDate, currentShortPositionQuantity: 2_500_000, revisionFlag: "" },
  }));
}

function volumeFile(date: string): string {
  const row = `${date}|GME|100|0|300|B,Q,N`;
  return `Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\r\n${row}\r\n1\r\n`;
}

/** FINRA as it is at an instant, and the worker of its jobs. */
class Days {
  readonly rows = interestOf(BEFORE);
  readonly files: Record<string, string> = {};
  readonly told: string[] = [];
  readonly batches: number[] = [];
  updateEveryMinutes = 720;
  memoryBytes = 512 * 1024 ** 2;
  #mock: MockServer | null = null;
  #under: ReturnType<typeof providerUnderTest> | null = null;
  #finra: Finra | null = null;

  async open(): Promise<MockServer> {
    const mock = await startMockFinra({
      datasets: { consolidatedShortInterest: this.rows, regShoDaily: [] },
      files: this.files,
    });
    this.#mock = mock;
    this.#under = providerUnderTest("finra_short", mock.origin, { startMs: START_MS });
    const urls = { apiUrl: `${mock.origin}/name`, filesUrl: mock.origin };
    const { memoryBytes } = this;
    this.#finra = new Finra({ client: this.under.client, ...urls, memoryBytes });
    return mock;
  }

  get under() {
    if (this.#under === null) throw new TypeError("not open");
    return this.#under;
  }

  /** A person decides the period of `SETTLEMENT`, or with null leaves it to the calendar. */
  async decide(text: string | null): Promise<void> {
    const { log, clock } = this.under;
    const { topic, id, key, value } = periodDecided(SETTLEMENT, text, clock.nowMs());
    const headers = eventHeaders({ id, source: "/test", topic, happenedAt: START_MS });
    const body = encodeEvent("ops.control.v1", value);
    await log.commit({ appends: [{ topic, partition: 0, key, value: body, headers }] });
  }

  /** Publishes one tick of a job and has a worker that has just started do it. */
  async run(job: JobName, date: string, time: string): Promise<readonly string[]> {
    const { log, clock } = this.under;
    const atMs = newYorkToUtc(date, time);
    clock.advance(Math.max(0, atMs - clock.nowMs()));
    await log.commit({ appends: [jobTick(job, atMs)] });
    const from = this.told.length;
    const worker = await this.worker();
    await worker.workOff(never);
    return this.told.slice(from);
  }

  worker(log = this.under.log): Promise<JobWorker> {
    const { told } = this;
    const finra = this.#finra;
    if (finra === null) throw new TypeError("not open");
    const handlers = finraJobs({
      ...{ log, finra, batchSize: 100, updateEveryMinutes: this.updateEveryMinutes },
      onBatch: ({ facts }) => this.batches.push(facts),
      onCollected: ({ dataset, date, facts, outcome }) =>
        told.push(`${dataset} ${date}: ${facts}${outcome === "partly" ? " of more" : ""}`),
    });
    return JobWorker.open({
      ...{ log, group: "jobs.short-interest", source: "/test", handlers, concurrency: 2 },
      clock: withoutDeadlines(this.under.clock),
      onEnded: ({ job, state, error }) =>
        told.push(state === "FAILED" ? `${job} failed: ${nameOf(error)}` : `${job} done`),
      onRefused: () => told.push("refused"),
    });
  }

  async close(): Promise<void> {
    await this.#under?.close();
    await this.#mock?.close();
  }
}

function nameOf(error: unknown): string {
  return isProviderError(error) ? error.code : String(error);
}

describe("the jobs that collect from FINRA", () => {
  let days: Days;
  afterEach(() => days.close());

  it("ask for no settlement date before it is public, then until it is there, and never again", async () => {
    days = new Days();
    const mock = await days.open();
    const job = "collect-short-interest-data";
    // The first run of a collector takes the newest that is public.
    expect(await days.run(job, "2025-09-03", "10:00")).toEqual([
      "short interest 2025-08-15: 2",
      `${job} done`,
    ]);
    const asked = mock.requests();
    // Two business days after the settlement, where the planning documents begin.
    expect(await days.run(job, "2025-09-03", "18:30")).toEqual([`${job} done`]);
    expect(await days.run(job, "2025-09-10", "10:00")).toEqual([`${job} done`]);
    expect(mock.requests()).toBe(asked);
    // Public by the calendar and late in fact: that is no failure.
    expect(await days.run("short_interest_check", "2025-09-11", "00:00")).toEqual([
      "short interest 2025-08-29: 0",
      "short_interest_check done",
    ]);
    days.rows.push(...interestOf(SETTLEMENT));
    expect(await days.run("short_interest_check", "2025-09-11", "12:00")).toEqual([
      "short interest 2025-08-29: 2",
      "short_interest_check done",
    ]);
    expect(await days.run("finra_weekly_short_interest", "2025-09-15", "18:00")).toEqual([
      "finra_weekly_short_interest done",
    ]);
    const facts = await eventsOf(days.under.log, "short.interest.v1");
    expect(facts.map(({ settlementDate }) => settlementDate)).toEqual([
      ...[BEFORE, BEFORE],
      ...[SETTLEMENT, SETTLEMENT],
    ]);
    expect(new Set(facts.map(({ simulated }) => simulated))).toEqual(new Set([true]));
  });

  it("try again what they could not get, leave to the next run what they never got, and say why it failed", async () => {
    days = new Days();
    const mock = await days.open();
    days.rows.push(...interestOf(SETTLEMENT));
    const job = "collect-short-interest-data";
    const failed = `${job} failed: provider.refused`;
    for (let attempt = 1; attempt <= 3; attempt += 1) mock.failNext({ status: 401 });
    const askedMs = days.under.clock.nowMs();
    expect(await days.run(job, "2025-09-10", "18:30")).toEqual([failed, failed, failed]);
    expect(days.under.clock.nowMs() - askedMs).toBeGreaterThan(1_800_000);
    mock.failNext({ status: 401 });
    expect(await days.run("short_interest_check", "2025-09-11", "00:00")).toEqual([
      "short_interest_check failed: provider.refused",
      "short interest 2025-08-29: 2",
      "short_interest_check done",
    ]);
    const told = await runsTold(days.under.log);
    expect(
      told.filter(({ state }) => state === "FAILED").map(({ errorCode }) => errorCode),
    ).toEqual(["provider.refused", "provider.refused", "provider.refused", "provider.refused"]);
    const counts = { processed: 2, successful: 2, failed: 0 };
    expect(told.find(({ state }) => state === "SUCCEEDED")).toMatchObject(counts);
  });

  it("ask again for a date whose rows could not all be read, and take what is new then", async () => {
    days = new Days();
    await days.open();
    const koss = { ...{ symbolCode: "KOSS", settlementDate: SETTLEMENT }, revisionFlag: "" };
    const broken = { ...koss, currentShortPositionQuantity: -1 };
    days.rows.push(...interestOf(SETTLEMENT), broken);
    expect(await days.run("collect-short-interest-data", "2025-09-10", "18:30")).toEqual([
      "short interest 2025-08-29: 2 of more",
      "collect-short-interest-data done",
    ]);
    days.rows.splice(days.rows.indexOf(broken), 1, { ...koss, currentShortPositionQuantity: 7 });
    expect(await days.run("short_interest_check", "2025-09-11", "00:00")).toEqual([
      "short interest 2025-08-29: 3",
      "short_interest_check done",
    ]);
    const facts = await eventsOf(days.under.log, "short.interest.v1");
    expect(facts.map(({ symbol }) => symbol)).toEqual(["GME", "AMC", "KOSS"]);
  });

  it("R-SI-18: take as vintages what FINRA revises after a date was collected, once each", async () => {
    days = new Days();
    await days.open();
    const job = "finra_weekly_short_interest";
    expect(await days.run(job, "2025-09-08", "18:00")).toEqual([
      "short interest 2025-08-15: 2",
      `${job} done`,
    ]);
    const [gme] = days.rows;
    if (gme === undefined) throw new TypeError("no row");
    days.rows[0] = { ...gme, currentShortPositionQuantity: 2_750_000, revisionFlag: "R" };
    // FINRA marks a row whose figures are what they were.
    const [, amc] = days.rows;
    if (amc === undefined) throw new TypeError("no row");
    days.rows[1] = { ...amc, revisionFlag: "R" };
    expect(await days.run(job, "2025-09-15", "18:00")).toEqual([
      "short interest 2025-08-29: 0",
      "short interest 2025-08-15: 1",
      `${job} done`,
    ]);
    // Unchanged it is no vintage again; changed back it is.
    expect(await days.run(job, "2025-09-22", "18:00")).toEqual([
      "short interest 2025-08-29: 0",
      `${job} done`,
    ]);
    days.rows[0] = { ...gme, revisionFlag: "R" };
    expect(await days.run(job, "2025-09-29", "18:00")).toContain("short interest 2025-08-15: 1");
    const facts = await eventsOf(days.under.log, "short.interest.v1");
    const vintages = facts.filter(({ symbol }) => symbol === "GME");
    expect(vintages.map(({ sharesShort, revision }) => [sharesShort, revision])).toEqual([
      [2_500_000, false],
      [2_750_000, true],
      [2_500_000, true],
    ]);
    // A replay sees each of them from the day on which it could be known.
    expect(vintages.map(({ publishedAt }) => new Date(publishedAt).toISOString())).toEqual([
      "2025-08-26T22:00:00.000Z",
      expect.stringMatching(/^2025-09-15/),
      expect.stringMatching(/^2025-09-29/),
    ]);
    expect(facts).toHaveLength(4);
  });

  it("append the reports of 2,000 symbols in 20 batches, each told (R-ING-20)", async () => {
    days = new Days();
    await days.open();
    const symbols = Array.from({ length: 2_000 }, (_, index) => `S${index}`);
    days.rows.splice(0, 2, ...interestOf(BEFORE, symbols));
    await days.run("short_interest_check", "2025-09-03", "12:00");
    expect(days.batches).toEqual(Array.from({ length: 20 }, () => 100));
    expect(await eventsOf(days.under.log, "short.interest.v1")).toHaveLength(2_000);
  });

  it("say that a date is too large to be held and what to do, and go on with the next job (R-ENV-16)", async () => {
    days = new Days();
    days.memoryBytes = 100;
    await days.open();
    const failed = "short_interest_check failed: provider.memory-limit";
    expect(await days.run("short_interest_check", "2025-09-03", "12:00")).toContain(failed);
    expect(await eventsOf(days.under.log, "short.interest.v1")).toEqual([]);
    const [told] = (await runsTold(days.under.log)).filter(({ state }) => state === "FAILED");
    expect(told?.errorMessage).toContain("SHORT_INTEREST_MEMORY_LIMIT allows 1 MB: raise it");
  });

  it("look once a day where SHORT_INTEREST_UPDATE_FREQUENCY is 1440, at midnight", async () => {
    days = new Days();
    days.updateEveryMinutes = 1440;
    const mock = await days.open();
    expect(await days.run("short_interest_check", "2025-09-03", "12:00")).toEqual([
      "short_interest_check done",
    ]);
    expect(mock.requests()).toBe(0);
    expect(await days.run("short_interest_check", "2025-09-04", "00:00")).toEqual([
      "short interest 2025-08-15: 2",
      "short_interest_check done",
    ]);
  });

  it("follow a publication that was put off by hand, and facts are public from that day on (R-SI-17)", async () => {
    days = new Days();
    await days.open();
    const job = "short_interest_check";
    await days.run(job, "2025-09-03", "12:00");
    await days.decide("published=2025-09-12");
    days.rows.push(...interestOf(SETTLEMENT));
    expect(await days.run(job, "2025-09-11", "00:00")).toEqual([`${job} done`]);
    expect(await days.run(job, "2025-09-13", "00:00")).toEqual([
      "short interest 2025-08-29: 2",
      `${job} done`,
    ]);
    const facts = await eventsOf(days.under.log, "short.interest.v1");
    const published = facts.filter(({ settlementDate }) => settlementDate === SETTLEMENT);
    expect(published.map(({ publishedAt }) => publishedAt)).toEqual([
      newYorkToUtc("2025-09-12", "18:00"),
      newYorkToUtc("2025-09-12", "18:00"),
    ]);
  });

  async function published(): Promise<readonly (readonly string[])[]> {
    const facts = await eventsOf(days.under.log, "short.interest.v1");
    return facts.map(({ symbol, publishedAt }) => [symbol, isoUtc(publishedAt)]);
  }

  it("keep the publication of what was collected, whatever is decided about it later (R-SI-17)", async () => {
    days = new Days();
    await days.open();
    days.rows.splice(0, 2, ...interestOf(SETTLEMENT));
    await days.run("collect-short-interest-data", "2025-09-10", "18:30");
    const weekly = "finra_weekly_short_interest";
    await days.decide("published=2025-09-11");
    expect(await days.run(weekly, "2025-09-15", "18:00")).toEqual([`${weekly} done`]);
    await days.decide(null);
    expect(await days.run(weekly, "2025-09-22", "18:00")).toEqual([`${weekly} done`]);
    expect(await published()).toEqual([
      ["GME", "2025-09-10T22:00:00.000Z"],
      ["AMC", "2025-09-10T22:00:00.000Z"],
    ]);
  });

  it("take only what is new of a date that is asked for again after its publication was put off", async () => {
    days = new Days();
    await days.open();
    const koss = { ...{ symbolCode: "KOSS", settlementDate: SETTLEMENT }, revisionFlag: "" };
    const broken = { ...koss, currentShortPositionQuantity: -1 };
    days.rows.splice(0, 2, ...interestOf(SETTLEMENT), broken);
    await days.run("collect-short-interest-data", "2025-09-10", "18:30");
    await days.decide("published=2025-09-11");
    days.rows.splice(2, 1, { ...koss, currentShortPositionQuantity: 7 });
    await days.run("short_interest_check", "2025-09-12", "00:00");
    expect(await published()).toEqual([
      ["GME", "2025-09-10T22:00:00.000Z"],
      ["AMC", "2025-09-10T22:00:00.000Z"],
      ["KOSS", "2025-09-11T22:00:00.000Z"],
    ]);
  });

  it("take the short volume of each day, made up for where one was not posted in time", async () => {
    days = new Days();
    await days.open();
    const job = "finra_daily_short_volume";
    days.files["CNMSshvol20250903.txt"] = volumeFile("20250903");
    expect(await days.run(job, "2025-09-03", "18:30")).toEqual([
      "short volume 2025-09-03: 1",
      `${job} done`,
    ]);
    expect(await days.run(job, "2025-09-04", "18:30")).toEqual([
      "short volume 2025-09-04: 0",
      `${job} done`,
    ]);
    days.files["CNMSshvol20250904.txt"] = volumeFile("20250904");
    days.files["CNMSshvol20250905.txt"] = volumeFile("20250905");
    expect(await days.run(job, "2025-09-05", "18:30")).toEqual([
      "short volume 2025-09-04: 1",
      "short volume 2025-09-05: 1",
      `${job} done`,
    ]);
  });

  it("ask again for a date whose facts were written and which was not counted, and write none of them twice", async () => {
    days = new Days();
    await days.open();
    const { log } = days.under;
    const commit = log.commit.bind(log);
    let kills = 1;
    log.commit = (what) => {
      const counts = what.state?.some(({ store }) => store === "short-interest.collected") ?? false;
      if (!counts || kills === 0) return commit(what);
      kills -= 1;
      return Promise.reject(new Error("killed"));
    };
    expect(await days.run("collect-short-interest-data", "2025-09-03", "10:00")).toEqual([
      "short interest 2025-08-15: 2",
      "collect-short-interest-data failed: Error: killed",
      "short interest 2025-08-15: 2",
      "collect-short-interest-data done",
    ]);
    const records = await log.read("short.interest.v1", 0, 0, { maxRecords: 10, maxBytes: 1e6 });
    expect(records.map(({ key }) => key)).toEqual(["GME", "AMC"]);
  });
});
