import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryLog } from "../testing/api-under-test.ts";
import { insertStory } from "../testing/insert-story.ts";
import { type Story, story } from "../testing/story.ts";
import { writeStory } from "../testing/story-log.ts";
import type { ReadView } from "./port.ts";
import { postgresView } from "./postgres-view.ts";

/** Copies of each row of a table with ids and instants of their own, `times` over. */
async function multiply(pool: Pool, table: string, times: number): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'read_model' AND table_name = $1 AND column_name <> 'id'",
    [table],
  );
  const names = rows.map(({ name }) => name);
  const values = names.map((name) => {
    if (name === "event_id" || name === "run_id" || name === "features_id")
      return "gen_random_uuid()";
    if (name === "happened_at" || name === "slot") return `${name} - copy * interval '15 minutes'`;
    return name === "symbol" ? "left('S' || (copy % 20), 10)" : name;
  });
  await pool.query(
    `INSERT INTO read_model.${table} (${names.join(", ")}) SELECT ${values.join(", ")} FROM read_model.${table}, generate_series(1, ${times}) AS copy`,
  );
}

describe("the statements of the read model over many rows", () => {
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
    await multiply(pool, "discovery_runs", 2_000);
    await multiply(pool, "recommendations", 4_000);
    await multiply(pool, "candidates", 2_000);
    await multiply(pool, "verdicts", 1_000);
    await multiply(pool, "detections", 200);
    await multiply(pool, "features_slot", 1_000);
    await pool.query("VACUUM ANALYZE");
  });
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
  ])("find %s through their index and sort nothing but a page", async (_, read, index) => {
    const plan = await plansOf(read);
    expect(plan).toContain(index);
    expect(plan).not.toContain("Seq Scan");
    if (!plan.includes("idx_detections_features")) expect(plan).not.toMatch(/\bSort\b/);
  });

  it.each([
    ["a recommendation", (view: ReadView) => view.recommendation(ID)],
    ["a verdict", (view: ReadView) => view.verdict(ID)],
    ["a features event", (view: ReadView) => view.features(ID)],
    ["detections", (view: ReadView) => view.detections([ID])],
    ["a run", (view: ReadView) => view.run(ID)],
  ])("find %s by its key", async (_, read) => {
    const plan = await plansOf(read);
    expect(plan).toMatch(/Index Scan|Bitmap Index Scan/);
    expect(plan).not.toContain("Seq Scan");
  });
});

function neverEmpty(): never {
  throw new Error("the story has runs");
}
