import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryLog } from "../testing/api-under-test.ts";
import { insertPositions, insertStory } from "../testing/insert-story.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { type Story, story } from "../testing/story.ts";
import { type WrittenStory, writeStory } from "../testing/story-log.ts";
import type { PageQuery, ReadModel, ReadView } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";

const UNKNOWN = "00000000-0000-8000-8000-0000000000ff";

describe("the read model in PostgreSQL", () => {
  let database: TestDatabase;
  let postgres: ReadModel;
  let oracle: ReadModel;
  let told: Story;
  let written: WrittenStory;

  beforeAll(async () => {
    database = await startTestPostgres();
    told = story();
    written = await writeStory(memoryLog(), told);
    await insertStory(database.pool("projector"), told, written.places);
    await insertPositions(database.pool("projector"), written.positions);
    postgres = createPostgresReadModel(database.pool("api"));
    oracle = memoryReadModel({ story: told, ...written });
  });
  afterAll(() => database.drop());

  const instants = fc.option(
    fc.constantFrom(...[0, 1, 2, 3].map((slot) => Date.UTC(2021, 0, 13, 14, 45 + slot * 15))),
    { nil: null },
  );
  const pages: fc.Arbitrary<PageQuery> = fc.record({
    limit: fc.integer({ min: 1, max: 30 }),
    asOfMs: instants,
    after: fc.option(
      fc.record({
        atMs: fc.constantFrom(Date.UTC(2021, 0, 13, 15), Date.UTC(2021, 0, 13, 15, 15)),
        id: fc.uuid(),
      }),
      { nil: null },
    ),
  });
  const symbols = fc.constantFrom("GME", "AMC", "SPY", "NOPE", "'; DROP TABLE verdicts; --");
  const maybe = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null });
  const SAME = { numRuns: 60 };

  async function expectSameAnswer<Answer>(
    read: (view: ReadView) => Promise<Answer>,
  ): Promise<void> {
    const [actual, expected] = [await postgres.read(read), await oracle.read(read)];
    expect(actual).toEqual(expected);
  }

  it("pages runs as a plain reading of the query does", async () => {
    const read = (query: PageQuery) => async (view: ReadView) =>
      (await view.runs(query)).map(({ id, event }) => ({ id, event }));
    await fc.assert(
      fc.asyncProperty(pages, (query) => expectSameAnswer(read(query))),
      SAME,
    );
  });

  it("adds up a detector's errors in a run over all partitions and leaves other stages out", async () => {
    const [run, later] = told.runs;
    if (run === undefined || later === undefined) throw new Error("the story has no two runs");
    const timing = `INSERT INTO stage_timings
      (projection, stage, partition, happened_at, slot, events, total_ms, max_ms, errors)
      VALUES ($1, $2, $3, $4, $4, 10, 1, 1, $5)`;
    for (const [projection, stage, partition, atMs, errors] of [
      ["signals", "squeeze", 0, run.event.happenedAt, 2],
      ["signals", "squeeze", 3, run.event.happenedAt, 5],
      ["signals", "technicals", 0, run.event.happenedAt, 0],
      ["signals", "features", 0, run.event.happenedAt, 9],
      ["discovery", "squeeze", 0, run.event.happenedAt, 100],
      ["signals", "squeeze", 0, run.event.happenedAt + 1, 1000],
    ] as const) {
      const values = [projection, stage, partition, new Date(atMs), errors];
      await database.pool("projector").query(timing, values);
    }
    const ofRun = await postgres.read((view) => view.detectorErrors(run));
    expect(ofRun).toEqual(
      new Map([
        ["squeeze", 7],
        ["technicals", 0],
      ]),
    );
    expect(await postgres.read((view) => view.detectorErrors(later))).toEqual(new Map());
  });

  it("filters recommendations as a plain reading of the query does", async () => {
    const filters = fc.record({
      symbol: maybe(symbols),
      label: maybe(fc.constantFrom("watchlist" as const, "trade_ready" as const)),
      fromMs: instants,
      toMs: instants,
    });
    await fc.assert(
      fc.asyncProperty(pages, filters, (page, filter) =>
        expectSameAnswer((view) => view.recommendations({ ...page, ...filter })),
      ),
      SAME,
    );
  });

  it("filters near misses as a plain reading of the query does", async () => {
    const filters = fc.record({
      symbol: maybe(symbols),
      gate: maybe(fc.constantFrom("rsi_band", "min_relvol_30", "%_%")),
      maxFailedGates: fc.integer({ min: 1, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(pages, filters, (page, filter) =>
        expectSameAnswer((view) => view.nearMisses({ ...page, ...filter })),
      ),
      SAME,
    );
  });

  it("pages a symbol's features and their detections as a plain reading of the query does", async () => {
    const filters = fc.record({ symbol: symbols, fromMs: instants, toMs: instants });
    const detailed = fc.integer({ min: 1, max: 30 });
    await fc.assert(
      fc.asyncProperty(pages, filters, detailed, (page, filter, most) =>
        expectSameAnswer((view) => view.symbolMoments({ ...page, ...filter }, most)),
      ),
      SAME,
    );
  });

  it("finds single events, and null for ids it does not hold", async () => {
    for (const { features, detections, verdict } of told.evaluations) {
      await expectSameAnswer((view) => view.features(features.id));
      await expectSameAnswer((view) => view.verdict(verdict.id));
      await expectSameAnswer((view) =>
        view.detections(detections.map(({ id }) => id).toReversed()),
      );
    }
    for (const { id } of [...told.recommendations, { id: UNKNOWN }]) {
      await expectSameAnswer((view) => view.recommendation(id));
    }
    await expectSameAnswer((view) => view.verdict(UNKNOWN));
    await expectSameAnswer((view) => view.run(UNKNOWN));
  });

  it("ranks the candidates of a run as the run did", async () => {
    for (const run of told.runs) await expectSameAnswer((view) => view.candidates(run));
  });

  it("knows where every derived event lies, and how far the projector is", async () => {
    const ids = told.evaluations.flatMap(({ verdict, features }) => [verdict.id, features.id]);
    const found = await postgres.read((view) => view.places([...ids, UNKNOWN]));
    expect(found.size).toBe(ids.length);
    for (const id of ids) {
      const { partition, offset } = written.places.get(id) ?? {};
      expect(found.get(id)).toMatchObject({ partition, offset });
    }
    const positions = await postgres.read((view) => view.positions());
    expect(positions).toHaveLength(written.positions.length);
    expect(positions).toEqual(expect.arrayContaining([...written.positions]));
  });

  it("reads one answer from one snapshot, whatever is written meanwhile", async () => {
    const count = await postgres.read(async (view) => {
      const everything = {
        limit: 500,
        after: null,
        asOfMs: null,
        symbol: null,
        gate: null,
        maxFailedGates: 12,
      };
      const before = (await view.nearMisses(everything)).length;
      await database
        .pool("projector")
        .query("UPDATE verdicts SET failed_gates = failed_gates + 100");
      const after = (await view.nearMisses(everything)).length;
      await database
        .pool("projector")
        .query("UPDATE verdicts SET failed_gates = failed_gates - 100");
      return { before, after };
    });
    expect(count.after).toBe(count.before);
  });

  it("may not write or create, even where it lifts its own read-only default", async () => {
    const client = await database.pool("api").connect();
    await client.query("SET default_transaction_read_only = off");
    for (const statement of [
      "DELETE FROM verdicts",
      "INSERT INTO event_index SELECT * FROM event_index",
      "UPDATE recommendations SET score = 1",
      "CREATE TABLE mine (x int)",
      "COPY verdicts TO PROGRAM 'cat'",
    ]) {
      await expect(client.query(statement)).rejects.toMatchObject({ code: "42501" });
    }
    client.release(true);
  });

  it("is cut off by the server when a statement hangs, and answers again afterwards", async () => {
    const holder = await database.pool("superuser").connect();
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE read_model.verdicts IN ACCESS EXCLUSIVE MODE");
    const stuck = postgres.read((view) => view.verdict(UNKNOWN));
    await expect(stuck).rejects.toMatchObject({ code: "57014" });
    await holder.query("ROLLBACK");
    holder.release();
    await expect(postgres.read((view) => view.verdict(UNKNOWN))).resolves.toBeNull();
  });
});
