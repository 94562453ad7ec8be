import { encodeEvent } from "@amc/schemas/codec";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import type { AnyEvent, StageEvent } from "@amc/streams/kernel/stage";
import type { Column } from "@amc/streams/projections/columns";
import { projectEvent } from "@amc/streams/projections/project-event";
import { columnsOf, type TableName } from "@amc/streams/projections/tables";
import type { Pool } from "pg";
import type { ProjectedPosition, RecordPlace, Stored } from "../read-model/port.ts";
import type { Story } from "./story.ts";

/** Puts a story into the tables, through the projections the projector runs. */
export async function insertStory(
  pool: Pool,
  story: Story,
  places: ReadonlyMap<string, RecordPlace>,
): Promise<void> {
  for (const { features, detections, verdict, candidate } of story.evaluations) {
    await insertEvent(pool, stageEvent("signals.features.v1", features), places);
    for (const detection of detections)
      await insertEvent(pool, stageEvent("signals.detection.v1", detection), places);
    await insertEvent(pool, stageEvent("signals.verdict.v1", verdict), places);
    if (candidate !== null)
      await insertEvent(pool, stageEvent("discovery.candidate.v1", candidate), places);
  }
  for (const run of story.runs)
    await insertEvent(pool, stageEvent("discovery.run.v1", run), places);
  for (const each of story.recommendations)
    await insertEvent(pool, stageEvent("discovery.recommendation.v1", each), places);
}

export async function insertPositions(
  pool: Pool,
  positions: readonly ProjectedPosition[],
): Promise<void> {
  for (const { projection, topic, partition, next } of positions) {
    await pool.query(
      "INSERT INTO projection_positions (projection, topic, partition, next_offset, epoch) VALUES ($1, $2, $3, $4, 1)",
      [projection, topic, partition, next],
    );
  }
}

function stageEvent<Topic extends TopicName>(
  topic: Topic,
  { id, event }: Stored<EventOf<Topic>>,
): StageEvent<Topic> {
  return { topic, id, key: null, value: event, checksum: 0, late: false };
}

/** Puts what one event changes into the tables. */
export async function insertEvent(
  pool: Pool,
  event: AnyEvent,
  places: ReadonlyMap<string, RecordPlace>,
): Promise<void> {
  const record = encodeEvent(event.topic, event.value);
  const { partition, offset } = places.get(event.id) ?? { partition: 0, offset: 0 };
  const projected = projectEvent(event, record, { projection: "discovery", partition, offset });
  if (!projected.ok) throw new Error(`${event.topic} does not fit its table`);
  for (const { table, row } of projected.changes.rows) await insertRow(pool, table, { ...row });
}

async function insertRow(
  pool: Pool,
  table: TableName,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  const columns = columnsOf(table).filter(([name]) => Object.hasOwn(row, name));
  const names = columns.map(([name]) => name).join(", ");
  const slots = columns.map((_, index) => `$${index + 1}`).join(", ");
  const values = columns.map(([name, column]) => parameter(column, row[name]));
  await pool.query(
    `INSERT INTO ${table} (${names}) VALUES (${slots}) ON CONFLICT DO NOTHING`,
    values,
  );
}

function parameter({ kind }: Column, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (kind === "instant" && typeof value === "number") return new Date(value);
  return kind === "json" ? JSON.stringify(value) : value;
}
