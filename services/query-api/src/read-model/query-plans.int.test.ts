import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryLog } from "../testing/api-under-test.ts";
import { insertStory } from "../testing/insert-story.ts";
import { type Story, story } from "../testing/story.ts";
import { writeStory } from "../testing/story-log.ts";
import type { ReadView } from "./port.ts";
import { postgresView } from "./postgres-view.ts";

/** R-DB-19: what a table holds after years, in its own columns and under its own indexes. */
const ROWS = 1_000_000;
const SYMBOLS = 2_000;
const EXPERIMENTS = 11;
/** Twelve million rows and their indexes, on a machine that does other things too. */
const FILLING_MS = 600_000;

/** The tables that grow, with what tells their rows apart besides the id of their event. */
const GROWING = [
  ...["discovery_runs", "recommendations", "candidates", "verdicts", "detections"],
  ...["features_slot", "event_index", "stage_timings"],
  ...["provider_api_calls", "circuit_breaker_events"],
  ...["ab_testing_results", "portfolio_positions"],
] as const;

/** A row of each table that no story fills. */
async function insertOperations(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO read_model.stage_timings
    (projection, stage, partition, happened_at, slot, events, total_ms, max_ms, errors)
    VALUES ('signals', 'squeeze', 0, $1, $1, 1, 1, 1, 0)`,
    [SLOT],
  );
  await pool.query(
    `INSERT INTO read_model.provider_api_calls
    (provider_name, endpoint, request_timestamp, response_time_ms, success, event_id)
    VALUES ('yahoo', 'chart', $1, 100, true, gen_random_uuid())`,
    [SLOT],
  );
  await pool.query(
    `INSERT INTO read_model.circuit_breaker_events
    (provider_name, event_type, event_timestamp, event_id)
    VALUES ('yahoo', 'OPENED', $1, gen_random_uuid())`,
    [SLOT],
  );
}

/** An experiment that runs on with what it showed, ten that are over, and a holding. */
async function insertExperimentsAndHoldings(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO read_model.ab_testing_experiments
    (experiment_name, start_date, end_date, traffic_split, success_metrics, status, event_id)
    SELECT 'S' || number, $1, $1, '{}', '[]',
      CASE number WHEN 0 THEN 'ACTIVE' ELSE 'COMPLETED' END, gen_random_uuid()
    FROM generate_series(0, 10) AS number`,
    [SLOT],
  );
  await pool.query(
    `INSERT INTO read_model.ab_testing_results (experiment_name, strategy_name, discovery_run_id,
      request_timestamp, candidates_count, event_id, event)
    VALUES ('S0', 'unified_detectors', gen_random_uuid(), $1, 1, gen_random_uuid(), '')`,
    [SLOT],
  );
  await pool.query(
    `INSERT INTO read_model.portfolio_positions (account, symbol, event_id, happened_at, published_at,
      captured_at, simulated, source, quantity, basis, log_offset)
    VALUES ('main', 'GME', gen_random_uuid(), $1, $1, $1, false, 'import/csv', 1, 'stated', 0)`,
    [SLOT],
  );
}

const SLOT = new Date(Date.UTC(2021, 0, 13, 15));

/**
 * Copies of the rows of a table until it has a million: ids of their own, spread over symbols and
 * instants as slots of 15 minutes spread them. Records are cut to a byte, because no plan reads them
 * and twelve tables of them would be tens of GB.
 */
async function fill(pool: Pool, table: (typeof GROWING)[number]): Promise<void> {
  const { rows } = await pool.query<{ name: string; type: string }>(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_schema = 'read_model' AND table_name = $1 AND column_name <> 'id'`,
    [table],
  );
  const names = rows.map(({ name }) => name);
  // The story's slots fill an hour, and what has no symbol is one row a slot.
  const shift = names.includes("symbol") ? `copy / ${SYMBOLS}` : "4 * copy";
  const values = rows.map(({ name, type }) => {
    if (type === "uuid")
      return "('ffffffff-0000-8000-8000-' || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid";
    if (type === "bytea") return "'\\x00'::bytea";
    if (type === "jsonb") return "'{}'::jsonb";
    if (type.startsWith("timestamp")) return `${name} - (${shift}) * interval '15 minutes'`;
    if (name === "partition" && table === "stage_timings") return `(copy % ${SYMBOLS})`;
    if (name === "log_offset") return "copy";
    if (name === "account") return `'account-' || (copy / ${SYMBOLS})`;
    if (name === "experiment_name") return `'S' || (copy % ${EXPERIMENTS})`;
    return name === "symbol" ? `left('S' || (copy % ${SYMBOLS}), 10)` : name;
  });
  const held = await pool.query<{ rows: number }>(
    `SELECT count(*)::int AS rows FROM read_model.${table}`,
  );
  const copies = Math.ceil(ROWS / Math.max(1, held.rows[0]?.rows ?? 1));
  const indexes = await pool.query<{ name: string; text: string }>(
    `SELECT indexname AS name, indexdef AS text FROM pg_indexes
     WHERE schemaname = 'read_model' AND tablename = $1
       AND indexname NOT IN (SELECT conname FROM pg_constraint)`,
    [table],
  );
  // A million rows are written sooner without them, and without being logged.
  for (const { name } of indexes.rows) await pool.query(`DROP INDEX read_model.${name}`);
  await pool.query(`ALTER TABLE read_model.${table} SET UNLOGGED`);
  await pool.query(
    `INSERT INTO read_model.${table} (${names.join(", ")}) SELECT ${values.join(", ")} FROM read_model.${table}, generate_series(1, ${copies}) AS copy`,
  );
  for (const { text } of indexes.rows) await pool.query(text);
}

describe("the statements of the read model over a million rows", () => {
  let database: TestDatabase;
  let told: Story;

  beforeAll(async () => {
    database = await startTestPostgres();
    told = story();
    await insertStory(
      database.pool("projector"),
      told,
      (await writeStory(memoryLog(), told)).places,
    );
    const pool = database.pool("superuser");
    await insertOperations(pool);
    await insertExperimentsAndHoldings(pool);
    for (const table of GROWING) await fill(pool, table);
    await pool.query("VACUUM ANALYZE");
  }, FILLING_MS);
  afterAll(() => database.drop());

  /** Plans of the statements that a read makes, as text. */
  async function plansOf(read: (view: ReadView) => Promise<unknown>): Promise<string> {
    const pool = database.pool("api");
    const plans: string[] = [];
    const view = postgresView(async (text, values) => {
      const explained = await pool.query<{ "QUERY PLAN": string }>(`EXPLAIN ${text}`, [...values]);
      plans.push(...explained.rows.map((row) => row["QUERY PLAN"]));
      return [];
    });
    await read(view);
    return plans.join("\n");
  }

  const FIRST_PAGE = { limit: 51, after: null, asOfMs: null };
  const LATER_PAGE = {
    limit: 51,
    asOfMs: null,
    after: { atMs: Date.UTC(2020, 11, 1), id: "00000000-0000-8000-8000-000000000001" },
  };
  const ID = "00000000-0000-8000-8000-000000000001";

  it.each([
    ["runs", (view: ReadView) => view.runs(FIRST_PAGE), "idx_discovery_runs_happened"],
    [
      "runs, a later page",
      (view: ReadView) => view.runs(LATER_PAGE),
      "idx_discovery_runs_happened",
    ],
    [
      "recommendations",
      (view: ReadView) =>
        view.recommendations({
          ...FIRST_PAGE,
          symbol: null,
          label: null,
          fromMs: null,
          toMs: null,
        }),
      "idx_recommendations_happened",
    ],
    [
      "recommendations of a symbol",
      (view: ReadView) =>
        view.recommendations({
          ...FIRST_PAGE,
          symbol: "S7",
          label: null,
          fromMs: null,
          toMs: null,
        }),
      "idx_recommendations_symbol_happened",
    ],
    [
      "near misses",
      (view: ReadView) =>
        view.nearMisses({ ...FIRST_PAGE, symbol: null, gate: null, maxFailedGates: 2 }),
      "idx_verdicts_near_miss",
    ],
    [
      "near misses, a later page",
      (view: ReadView) =>
        view.nearMisses({ ...LATER_PAGE, symbol: null, gate: "rsi_band", maxFailedGates: 2 }),
      "idx_verdicts_near_miss",
    ],
    [
      "features of a symbol",
      (view: ReadView) =>
        view.symbolMoments({ ...FIRST_PAGE, symbol: "S7", fromMs: null, toMs: null }, 50),
      "idx_features_slot_symbol_happened",
    ],
    [
      "candidates of a run",
      (view: ReadView) => view.candidates(told.runs[0] ?? neverEmpty()),
      "idx_candidates_slot",
    ],
    [
      "a detector's errors in a run",
      (view: ReadView) => view.detectorErrors(told.runs[0] ?? neverEmpty()),
      "stage_timings_pkey",
    ],
    [
      "the calls of a provider",
      (view: ReadView) =>
        view.providers({ afterMs: SLOT.getTime() - 3_600_000, throughMs: SLOT.getTime() }),
      "idx_provider_timestamp",
    ],
    [
      "the breaker of a provider",
      (view: ReadView) =>
        view.providers({ afterMs: SLOT.getTime() - 3_600_000, throughMs: SLOT.getTime() }),
      "idx_provider_events",
    ],
    [
      "results of an experiment",
      (view: ReadView) => view.experimentResults("S7", FIRST_PAGE),
      "idx_ab_testing_results_newest",
    ],
    [
      "results of an experiment, a later page",
      (view: ReadView) => view.experimentResults("S7", LATER_PAGE),
      "idx_ab_testing_results_newest",
    ],
  ])("find %s through an index and sort nothing but a page", async (_, read, index) => {
    const plan = await plansOf(read);
    expect(plan).toContain(index);
    expect(plan).not.toContain("Seq Scan");
    // A page of a symbol is sorted to take its first rows, a breaker's changes of one instant are.
    if (!/CTE page|idx_provider/.test(plan)) expect(plan).not.toMatch(/\bSort\b/);
  });

  it("find the holdings of an account by its key, of all that accounts hold", async () => {
    const plan = await plansOf((view) => view.holdings("account-7"));
    expect(plan).toContain("portfolio_positions_pkey");
    expect(plan).not.toContain("Seq Scan on portfolio_positions");
  });

  it("count what running experiments showed from the index alone", async () => {
    const plan = await plansOf((view) => view.experimentArms());
    expect(plan).toContain("Index Only Scan using idx_ab_testing_results_newest");
    expect(plan).not.toContain("Seq Scan on ab_testing_results");
  });

  it("find the results of a tick, as the projector does, through the index that no page is read by", async () => {
    const { rows } = await database
      .pool("api")
      .query<{ "QUERY PLAN": string }>(
        "EXPLAIN SELECT 1 FROM ab_testing_results WHERE request_timestamp = $1",
        [SLOT],
      );
    expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain(
      "idx_ab_testing_results_tick",
    );
  });

  it("are measured over tables of a million rows each", async () => {
    const pool = database.pool("superuser");
    for (const table of GROWING) {
      const { rows } = await pool.query("SELECT reltuples FROM pg_class WHERE oid = $1::regclass", [
        `read_model.${table}`,
      ]);
      expect(rows[0].reltuples, table).toBeGreaterThan(0.99 * ROWS);
    }
  });

  it.each([
    ["a recommendation", (view: ReadView) => view.recommendation(ID)],
    ["a verdict", (view: ReadView) => view.verdict(ID)],
    ["a features event", (view: ReadView) => view.features(ID)],
    ["detections", (view: ReadView) => view.detections([ID])],
    ["a run", (view: ReadView) => view.run(ID)],
    ["where events lie", (view: ReadView) => view.places([ID])],
  ])("find %s by its key", async (_, read) => {
    const plan = await plansOf(read);
    expect(plan).toMatch(/Index Scan|Bitmap Index Scan/);
    expect(plan).not.toContain("Seq Scan");
  });
});

function neverEmpty(): never {
  throw new Error("the story has runs");
}
