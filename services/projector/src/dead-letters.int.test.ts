import { LogError } from "@amc/platform/log/errors";
import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { logWithForeign } from "@amc/platform/log/testing/log-with-foreign";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { recommendation } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { append, emptyLog, recordOf } from "./testing/log-of-events.ts";
import { countOf, poolOf, projectAll, projectorOn } from "./testing/projector-fixture.ts";
import { poisoned, tooLargeForTheirColumns } from "./testing/recorded-log.ts";
import { sequence, simulatedMarket } from "./testing/simulated-market.ts";

const DLQ = "discovery.recommendation.v1.dlq";

async function recordsOf(log: Log, topic: string): Promise<{ offset: string; code: string }[]> {
  const found = [];
  for (let partition = 0; partition < log.partitions(topic); partition += 1) {
    const limits = { maxRecords: 10_000, maxBytes: 1e9 };
    for (const { headers } of await log.read(topic, partition, 0, limits)) {
      found.push({
        offset: `${headers["dlq-partition"]}/${headers["dlq-offset"]}`,
        code: headers["dlq-code"] ?? "",
      });
    }
  }
  return found;
}

describe("dead letters of the projector", () => {
  let database: TestDatabase;
  let log: Log;

  beforeEach(async () => {
    database = await startTestPostgres();
    log = emptyLog();
  });
  afterEach(async () => {
    await database.drop();
  });

  it("hold the raw record, where it lay and why it was refused", async () => {
    const sound = recordOf(recommendation());
    const value = Uint8Array.of(1, 2, 3);
    const headers = { ...sound.headers, odd: "zero \u0000" };
    await log.commit({ appends: [sound, { ...sound, value, headers }] });
    await projectAll(database, log);
    const { rows } = await poolOf(database, "api").query("SELECT * FROM dead_letters");
    expect(rows).toEqual([
      expect.objectContaining({
        projection: "discovery",
        topic: "discovery.recommendation.v1",
        log_offset: 1,
        event_id: recommendation().id,
        record_key: Buffer.from("GME"),
        record_value: Buffer.from(value),
        error_code: expect.stringMatching(/^(envelope|avro)\./),
        happened_at: new Date(recommendation().value.happenedAt),
        attempt: 1,
      }),
    ]);
    expect(rows[0].record_headers).toContainEqual({
      name: "odd",
      value: Buffer.from("zero \u0000").toString("base64"),
    });
  });

  it("are found alone when only PostgreSQL knows that a row cannot be stored", async () => {
    const around = simulatedMarket(8, { symbols: 30, slots: 2, slices: 1 });
    await append(log, around);
    await log.commit({ appends: tooLargeForTheirColumns() });
    await append(log, around.slice(0, 50));
    await projectAll(database, log);
    const { rows } = await poolOf(database, "api").query(
      "SELECT error_code, error_message FROM dead_letters ORDER BY error_code",
    );
    expect(rows).toEqual([
      {
        error_code: "column.range",
        error_message: expect.stringContaining("recommendations.price"),
      },
      { error_code: "postgres.22008", error_message: expect.stringContaining("2021-02-30") },
    ]);
    expect(await countOf(database, "recommendations")).toBeGreaterThan(0);
  });

  it("leave every good record of 1,000 poisoned ones applied: good + dead + skipped = all", async () => {
    const random = sequence(9);
    const good = simulatedMarket(9, { symbols: 20, slots: 4, slices: 2 }).map(recordOf);
    const poison = Array.from({ length: 1_000 }, (_, index) => {
      const record = good[index % good.length];
      if (record === undefined) throw new RangeError("there are no good records");
      return poisoned(record, random);
    });
    const mixed = [...good, ...poison].map((record) => ({ record, at: random() }));
    mixed.sort((a, b) => a.at - b.at);
    await log.commit({ appends: mixed.map(({ record }) => record) });
    await projectAll(database, log);
    const { rows } = await poolOf(database, "api").query(
      `SELECT sum(next_offset)::integer AS read, sum(applied)::integer AS applied,
              sum(skipped)::integer AS skipped, sum(dead_lettered)::integer AS dead
       FROM projection_positions WHERE NOT (projection = 'signals' AND topic LIKE 'ops.%')`,
    );
    expect(rows[0]).toEqual({
      read: good.length + poison.length,
      applied: good.length,
      skipped: 0,
      dead: poison.length,
    });
  });

  it("leave in the log where the tables stood at the start, which on Kafka names the topics", async () => {
    await log.commit({ appends: [recordOf(recommendation())] });
    await projectAll(database, log);
    const noted = async () =>
      (await log.positions("projector.discovery", 0)).filter(
        ({ topic }) => topic === "discovery.recommendation.v1",
      );
    const first = await noted();
    expect(first.map(({ next }) => next)).toEqual(first.map(() => 0));
    expect(first).toHaveLength(log.partitions("discovery.recommendation.v1"));
    await projectAll(database, log);
    expect((await noted()).map(({ next }) => next).sort((a, b) => a - b)).toEqual([
      ...first.slice(1).map(() => 0),
      1,
    ]);
  });

  it("are copied to the dead-letter topic once, whatever came between the row and the copy", async () => {
    await log.commit({ appends: [...tooLargeForTheirColumns(), recordOf(recommendation())] });
    const interrupted = projectorOn(database, log, {
      probe: (point) => {
        if (point === "cached") throw new Error("the process ends here");
      },
    });
    await expect(interrupted.runUntilCaughtUp()).rejects.toThrow("the process ends here");
    expect(await countOf(database, "dead_letters")).toBeGreaterThan(0);
    expect(await recordsOf(log, DLQ)).toEqual([]);
    for (let restart = 0; restart < 3; restart += 1) await projectAll(database, log);
    expect((await recordsOf(log, DLQ)).map(({ code }) => code).sort()).toEqual([
      "column.range",
      "postgres.22008",
    ]);
  });

  it("of records larger than a letter are rows as they came, and letters that say what is missing", async () => {
    const appends = [1, 2, 3].map((at) =>
      recordOf(recommendation({ happenedAt: TEN_O_CLOCK + at })),
    );
    await log.commit({ appends: appends.map((append) => ({ ...append, partition: 0 })) });
    const value = Buffer.alloc(4 * 1024 * 1024);
    const foreign = logWithForeign(log, "discovery.recommendation.v1", new Map([[1, { value }]]));
    // The second one finds the row of the first, as every later start does.
    for (let start = 0; start < 2; start += 1) await projectAll(database, foreign);
    expect(await recordsOf(log, DLQ)).toEqual([{ offset: "0/1", code: "envelope.too-large" }]);
    const { rows } = await poolOf(database, "api").query(
      "SELECT log_offset, length(record_value) AS bytes FROM dead_letters",
    );
    expect(rows).toEqual([{ log_offset: 1, bytes: value.length }]);
    expect(await countOf(database, "recommendations")).toBe(2);
  });

  /** Brokers that go away under the first copy; `meanwhile` says what became of it, and of the rest of the world. */
  function logLosing(inner: Log, meanwhile: (copy: () => Promise<unknown>) => Promise<void>): Log {
    let copies = 0;
    return logWithCommit(inner, async (commit) => {
      if (!commit.appends.some(({ topic }) => topic === DLQ)) return await inner.commit(commit);
      copies += 1;
      if (copies > 1) return await inner.commit(commit);
      await meanwhile(() => inner.commit(commit));
      // Whoever made a commit that ends so has to acquire again, as on Kafka.
      await inner.acquire("projector.discovery", 0);
      throw new LogError("log.outcome-unknown", "Kafka: no answer", { away: "brokers" });
    });
  }

  const BOTH = ["column.range", "postgres.22008"];

  it.each([
    ["arrived", async (copy: () => Promise<unknown>) => void (await copy())],
    ["did not arrive", async () => undefined],
  ])(
    "are copied and counted once when nobody saw the copy arrive, which %s",
    async (_fate, meanwhile) => {
      await log.commit({ appends: [...tooLargeForTheirColumns(), recordOf(recommendation())] });
      const disturbed = await projectAll(database, logLosing(log, meanwhile));
      await projectAll(database, log);
      expect((await recordsOf(log, DLQ)).map(({ code }) => code).sort()).toEqual(BOTH);
      const other = await startTestPostgres();
      onTestFinished(() => other.drop());
      const undisturbed = await projectAll(other, log);
      expect(disturbed.counts().retries).toBeGreaterThan(0);
      expect({ ...disturbed.counts(), retries: 0 }).toEqual(undisturbed.counts());
    },
  );

  it("are left to a newer owner of the projection, and the older one ends as what it is", async () => {
    await log.commit({ appends: [...tooLargeForTheirColumns(), recordOf(recommendation())] });
    const losing = logLosing(log, async () => void (await projectAll(database, log)));
    await expect(projectAll(database, losing)).rejects.toMatchObject({ code: "projector.fenced" });
    expect((await recordsOf(log, DLQ)).map(({ code }) => code).sort()).toEqual(BOTH);
  });
});
