import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isTopicName, TOPIC_NAMES, TOPICS, type TopicName } from "../schemas/src/topics.ts";
import { RETENTION } from "../services/projector/src/prune.ts";
import type { AnyEvent } from "../streams/kernel/stage.ts";
import { projectEvent } from "../streams/projections/project-event.ts";
import { columnsOf, isTableName, TABLE_NAMES, tableOf } from "../streams/projections/tables.ts";
import { alertRaised, hourMetric, jobRun } from "../streams/testing/job-events.ts";
import { position } from "../streams/testing/portfolio-events.ts";
import {
  breakerChange,
  clockTick,
  oneSlot,
  providerCall,
  shortInterest,
} from "../streams/testing/projected-events.ts";
import { shortQuality } from "../streams/testing/short-quality-events.ts";
import { createTopology, DEFAULT_TOPOLOGY } from "../streams/topology/topology.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGE = readFileSync(join(ROOT, "docs", "retention.md"), "utf8");
const MIGRATIONS = join(ROOT, "infra", "migrations");

interface Kept {
  readonly name: string;
  /** Infinity for ever. */
  readonly days: number;
  readonly reason: string;
}

const inBackticks = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

/** The rows of a section's table, one for each name in the first cell. */
function keptIn(section: string): readonly Kept[] {
  const [, text = ""] = PAGE.split(`\n## ${section}\n`);
  const rows = (text.split("\n## ")[0] ?? "").matchAll(/^\| (`.+?) \| (.+?) \| (.+) \|$/gm);
  return [...rows].flatMap(([, names = "", kept = "", reason = ""]) =>
    inBackticks(names).map((name) => ({ name, days: daysOf(kept), reason })),
  );
}

function daysOf(text: string): number {
  if (text === "for ever") return Number.POSITIVE_INFINITY;
  const days = /^(\d+) days$/.exec(text)?.[1];
  if (days === undefined) throw new TypeError(`neither "for ever" nor days: ${text}`);
  return Number(days);
}

const keptDays = (topic: TopicName) => TOPICS[topic].retentionDays ?? Number.POSITIVE_INFINITY;

/** Tables whose rows one event of each kind fills, by topic. */
function filledBy(events: readonly AnyEvent[]): ReadonlyMap<string, ReadonlySet<TopicName>> {
  const filled = new Map<string, Set<TopicName>>();
  for (const event of events) {
    const origin = { projection: "signals", partition: 0, offset: 0 } as const;
    const projected = projectEvent(event, new Uint8Array(), origin);
    if (!projected.ok) throw new TypeError(`${event.topic} fits no table`);
    for (const { table } of projected.changes.rows) {
      const topics = filled.get(table) ?? new Set();
      filled.set(table, topics.add(event.topic));
    }
  }
  return filled;
}

describe("docs/retention.md", () => {
  const topics = keptIn("Topics");
  const tables = keptIn("Tables");

  it("says of every topic how long it is kept, as it is configured", () => {
    const configured = TOPIC_NAMES.map((name) => `${name} ${keptDays(name)}`);
    expect(topics.map(({ name, days }) => `${name} ${days}`).sort()).toEqual(configured.sort());
  });

  it("says of every table of the migrations how long it is kept, as prune deletes", () => {
    const created = readdirSync(MIGRATIONS)
      .filter((name) => /^\d/.test(name))
      .flatMap((name) => [
        ...readFileSync(join(MIGRATIONS, name), "utf8").matchAll(
          /^CREATE TABLE IF NOT EXISTS (\w+)/gm,
        ),
      ])
      .map(([, name = ""]) => name);
    expect(created).toEqual(expect.arrayContaining([...TABLE_NAMES]));
    const pruned = new Map<string, number>(RETENTION.map(({ table, days }) => [table, days]));
    const configured = created.map(
      (name) => `${name} ${pruned.get(name) ?? Number.POSITIVE_INFINITY}`,
    );
    expect(tables.map(({ name, days }) => `${name} ${days}`).sort()).toEqual(configured.sort());
  });

  it("names the topics that a table is filled from", () => {
    const events = [
      ...oneSlot(),
      clockTick(),
      shortInterest(),
      shortQuality(),
      jobRun(),
      alertRaised(),
      hourMetric(),
      providerCall(),
      breakerChange(),
      position(),
    ];
    for (const [table, filling] of filledBy(events)) {
      if (table === "event_index") continue;
      const { reason = "" } = tables.find(({ name }) => name === table) ?? {};
      expect(inBackticks(reason), table).toEqual(expect.arrayContaining([...filling]));
    }
  });
});

describe("retention", () => {
  it("leaves everything that a stage reads, so that a replay begins at the first fact", () => {
    const read = new Set(
      createTopology(DEFAULT_TOPOLOGY).flatMap(({ stages }) =>
        stages.flatMap(({ inputs }) => [...inputs]),
      ),
    );
    expect(read.size).toBeGreaterThan(15);
    expect([...read].filter((topic) => TOPICS[topic].retentionDays !== null)).toEqual([]);
  });

  it("keeps no table longer than the topics it is rebuilt from, what was measured aside", () => {
    const isMeasured = (name: string) =>
      isTableName(name) &&
      (tableOf(name).measured === true || columnsOf(name).some(([, { measured }]) => measured));
    const outliving = keptIn("Tables").flatMap(({ name, days, reason }) =>
      inBackticks(reason)
        .filter(isTopicName)
        .filter((topic) => keptDays(topic) < days)
        .map((topic) => ({ name, topic })),
    );
    // A control at once: what was measured of stages and providers are the exceptions there are.
    expect([...new Set(outliving.map(({ topic }) => topic))].sort()).toEqual([
      "ops.provider-call.v1",
      "ops.stage-timing.v1",
    ]);
    expect(outliving.filter(({ name }) => !isMeasured(name))).toEqual([]);
  });
});
