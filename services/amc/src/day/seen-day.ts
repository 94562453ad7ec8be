import type { MockServer } from "@amc/mock-providers/mock-server";
import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import { recordsOf } from "@amc/replay/log-digests";
import { decodeEvent } from "@amc/schemas/codec";
import type { JobRun } from "@amc/schemas/generated/events";
import { type EventOf, FACT_TOPICS, type FactTopic, type TopicName } from "@amc/schemas/topics";
import { TABLE_NAMES } from "@amc/streams/projections/tables";
import type { Pool } from "pg";
import { logCounts } from "../log-counts.ts";
import type { HeardHealth } from "./heard-health.ts";
import type { PlayedDay } from "./played-day.ts";

/** A fact as the log has it. */
export interface SeenFact {
  readonly id: string;
  readonly topic: FactTopic;
  readonly source: string;
  /** UTC ms. */
  readonly happenedAt: number;
  readonly capturedAt: number;
  readonly simulated: boolean;
  /** All of it, as JSON. */
  readonly statement: string;
  /** What can be told of the past later on: not what was the newest for a moment. */
  readonly isLasting: boolean;
}

export interface SeenBreaker {
  readonly provider: string;
  readonly change: string;
  /** UTC ms. */
  readonly atMs: number;
  readonly failures: number;
}

export interface SeenCalls {
  readonly rows: number;
  readonly succeeded: number;
  /** Codes of those that failed. */
  readonly codes: readonly string[];
}

/** What a day has left, read once when it is over. */
export interface SeenDay {
  /** Instants asked for by job, UTC ms, in the order of the log. */
  readonly asked: ReadonlyMap<string, readonly number[]>;
  readonly runs: readonly JobRun[];
  readonly facts: ReadonlyMap<string, SeenFact>;
  /** Records on all topics of facts; more than `facts` where one was written twice. */
  readonly factRecords: Readonly<Record<string, number>>;
  readonly deadLetters: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly calls: ReadonlyMap<string, SeenCalls>;
  readonly breakers: readonly SeenBreaker[];
  readonly servers: ReadonlyMap<MockedProvider, MockServer>;
  readonly health: readonly HeardHealth[];
}

export async function seeDay({ system, mocks, health }: PlayedDay): Promise<SeenDay> {
  const { log, database } = system;
  const asked = new Map<string, number[]>();
  for await (const [, { job, happenedAt }] of eventsOf(log, "ops.job-tick.v1")) {
    const instants = asked.get(job) ?? [];
    instants.push(happenedAt);
    asked.set(job, instants);
  }
  const runs: JobRun[] = [];
  for await (const [, run] of eventsOf(log, "ops.job-run.v1")) runs.push(run);
  const { facts: factRecords, deadLetters } = await logCounts(log);
  return {
    ...{ asked, runs, factRecords, deadLetters, health, servers: mocks.servers },
    facts: await factsOf(log),
    ...(await tablesOf(database.projector)),
  };
}

async function factsOf(log: Parameters<typeof recordsOf>[0]) {
  const facts = new Map<string, SeenFact>();
  for (const topic of FACT_TOPICS) {
    for await (const [id, value] of eventsOf(log, topic)) {
      const { source, happenedAt, capturedAt, simulated } = value;
      const isBar = "kind" in value && value.kind === "BAR";
      const isMomentary = topic === "market.price-tick.v1" || topic === "market.reference.v1";
      const isLasting = isBar || !isMomentary;
      // A feed is known by its host, and so are its stories: of a mock that is another port each time.
      const key = "itemId" in value ? `${value.symbol} ${value.itemId}` : id;
      const statement = JSON.stringify(value).replaceAll(source, source.replace(/:\d+$/, ""));
      facts.set(key, {
        ...{ id: key, topic, source, happenedAt, capturedAt, simulated, statement, isLasting },
      });
    }
  }
  return facts;
}

async function* eventsOf<Topic extends TopicName>(
  log: Parameters<typeof recordsOf>[0],
  topic: Topic,
): AsyncGenerator<readonly [id: string, event: EventOf<Topic>]> {
  for await (const { headers, value } of recordsOf(log, topic)) {
    const decoded = value === null ? null : decodeEvent(topic, value);
    if (decoded?.ok !== true) throw new TypeError(`${topic} holds what is no event`);
    yield [headers.ce_id ?? "", decoded.value];
  }
}

async function tablesOf(pool: Pool): Promise<Pick<SeenDay, "rows" | "calls" | "breakers">> {
  const rows: Record<string, number> = {};
  for (const table of TABLE_NAMES) {
    const { rows: counted } = await pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${table}`,
    );
    rows[table] = counted[0]?.count ?? 0;
  }
  const calls = await pool.query<{ provider: string } & SeenCalls>(
    `SELECT provider_name AS provider, count(*)::int AS rows,
       count(*) FILTER (WHERE success)::int AS succeeded,
       coalesce(array_agg(DISTINCT error_message) FILTER (WHERE NOT success), '{}') AS codes
     FROM provider_api_calls GROUP BY 1`,
  );
  const breakers = await pool.query<{
    provider: string;
    change: string;
    at: Date;
    failures: number;
  }>(
    `SELECT provider_name AS provider, event_type AS change, event_timestamp AS at,
       failure_count AS failures FROM circuit_breaker_events ORDER BY event_timestamp, id`,
  );
  return {
    rows,
    calls: new Map(calls.rows.map((row) => [row.provider, row])),
    breakers: breakers.rows.map(({ at, ...rest }) => ({ ...rest, atMs: at.getTime() })),
  };
}
