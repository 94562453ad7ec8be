import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Parameter } from "./column-array.ts";
import { JoinKeys, joinsOf } from "./joins.ts";
import { poolOf } from "./testing/projector-fixture.ts";
import { WireBuffer } from "./wire-buffer.ts";

/** A day of a small universe: the server reads such tables whole as soon as it thinks it worth while. */
const VERDICTS = 4_000;
const DETECTORS = 6;
/** Verdicts of one slot. */
const JOINED = 700;

const ID = (n: string) => `md5((${n})::text)::uuid`;
const AT = "timestamptz '2025-07-21T14:30:00Z'";
const SHARED = `'SYM' || (n % 300), ${AT}, ${AT}, ${AT}, true, 'slot', ${AT}`;

const FILL = [
  `INSERT INTO detections (event_id, symbol, happened_at, published_at, captured_at, simulated,
     trigger, slot, features_id, detector, confidence, data_sources, event)
   SELECT ${ID("'d' || n || '/' || d")}, ${SHARED}, ${ID("'f' || n")}, 'detector' || d, 0.5, '{ticks}',
     decode(repeat('00', 400), 'hex')
   FROM generate_series(1, ${VERDICTS}) AS n, generate_series(1, ${DETECTORS}) AS d`,
  `INSERT INTO verdicts (event_id, symbol, happened_at, published_at, captured_at, simulated, trigger,
     slot, features_id, run_id, trading_day, session, strategy, profile, preset, config_version,
     detection_ids, passed, label, score, confidence, failed_gates, soft_penalties, event)
   SELECT ${ID("'v' || n")}, ${SHARED}, ${ID("'f' || n")}, ${ID("'r' || (n / 300)")}, '2025-07-21', 'rth',
     's', 'p', 'p', 'c', ARRAY(SELECT ${ID("'d' || n || '/' || d")} FROM generate_series(1, ${DETECTORS}) AS d),
     true, 'l', 0, 0.5, 0, '[]', decode(repeat('00', 2000), 'hex')
   FROM generate_series(1, ${VERDICTS}) AS n`,
  "ANALYZE detections, verdicts",
];

describe("the join of detections with their verdicts", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestPostgres();
    for (const text of FILL) await poolOf(database, "migrator").query(text);
  });
  afterAll(async () => {
    await database?.drop();
  });

  it("finds each detection by its id and sorts nothing, however few rows the tables hold yet", async () => {
    const { rows: joined } = await poolOf(database, "projector").query<{ id: string }>(
      `SELECT features_id::text AS id FROM verdicts LIMIT ${JOINED}`,
    );
    const keys = new JoinKeys();
    for (const { id } of joined) keys.features.add(id);
    const [statement] = joinsOf("signals", keys);
    expect(statement?.name).toBe("join-detector-performance");
    const { rows } = await poolOf(database, "projector").query<{ "QUERY PLAN": string }>(
      `EXPLAIN (ANALYZE, BUFFERS off, COSTS off, TIMING off) ${statement?.text}`,
      statement?.parameters.map(bytesOf),
    );
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain(`Tuples Inserted: ${JOINED * DETECTORS}`);
    expect(plan).toContain("detections_pkey");
    expect(plan).not.toMatch(/\bSort\b|Seq Scan on detections/);
  });
});

function bytesOf(parameter: Parameter): Buffer {
  const wire = new WireBuffer(16);
  parameter(wire);
  return wire.take();
}
