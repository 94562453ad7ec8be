import { formatCount, formatEasternTime } from "../../output/format.ts";
import { textTable } from "../text-table.ts";
import type { LogStatus } from "./log-status.ts";
import { jobsText, SCHEDULER_MEND, schedulerText } from "./scheduler-text.ts";
import type { DirectoryPlace, SystemPlace, SystemStatus } from "./system-status.ts";

/** A status for people: one fact a line, with what to run where something wants doing. */
export function statusText(status: SystemStatus): string {
  const { log, tables, scheduler } = status;
  const { newestTick } = log;
  return textTable([
    ...placeRows(status.place),
    ["log", recordsText(log)],
    ["refused", deadLettersText(log)],
    ["last tick", newestTick === null ? "none yet" : formatEasternTime(newestTick.happenedAt)],
    ["scheduler", schedulerText(scheduler)],
    ...(scheduler.state === "standing-still" ? [["", `mend: ${SCHEDULER_MEND}`]] : []),
    ["jobs", jobsText(scheduler)],
    ...log.recordings.map((recording) => [
      "recording",
      `${recording.name}: ${formatCount(recording.facts)} facts written, ${recording.isDone ? "complete" : "not complete"}`,
    ]),
    ["stages", stagesText(log)],
    ["database", databaseText(status)],
    [
      "tables",
      typeof tables === "string"
        ? `lag unknown: ${tables}`
        : lagText(tables.map(({ projection, records }) => ({ name: projection, records }))),
    ],
    ["last run", runText(log)],
  ]).join("\n");
}

function placeRows(place: SystemPlace): string[][] {
  if (place.kind === "cluster") return [["brokers", place.brokers]];
  return [
    ["directory", place.directory.path],
    ["process", processText(place)],
  ];
}

function processText({ owner, api }: DirectoryPlace): string {
  if (owner === null) return "none writes here: npm start runs it";
  const pid = owner.pid === null ? "one is just starting" : `${owner.pid} writes here`;
  return `${pid}, ${api === null ? "API address not known (give --port)" : `API at ${api}`}`;
}

function recordsText({ topics }: LogStatus): string {
  const records = topics.reduce((sum, contents) => sum + contents.records, 0);
  const used = topics.filter((contents) => contents.records > 0).length;
  return `${formatCount(records)} records in ${used} of ${topics.length} topics (npm run amc -- topics)`;
}

function databaseText({ database }: SystemStatus): string {
  if (database.kind === "given") return "at DATABASE_URL";
  if (database.kind === "unknown") return "DATABASE_URL is not set";
  return database.homes.length === 0 ? "none yet" : database.homes.join(" and ");
}

function deadLettersText({ topics }: LogStatus): string {
  const count = topics.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  return count === 0
    ? "no dead letters"
    : `${formatCount(count)} dead letters (npm run amc -- dlq list)`;
}

function stagesText({ stages }: LogStatus): string {
  const lags = stages.map(({ subtopology, partition, records, eventTimeBehindMs }) => {
    const eventTime = `${formatCount(Math.round(eventTimeBehindMs / 1000))} s of event time`;
    return { name: `${subtopology}/${partition}`, records, more: ` (${eventTime})` };
  });
  return lagText(lags);
}

interface NamedLag {
  readonly name: string;
  readonly records: number;
  readonly more?: string;
}

function lagText(lags: readonly NamedLag[]): string {
  const behind = lags.filter(({ records }) => records > 0);
  if (behind.length === 0) return "nothing lags";
  return behind
    .map(({ name, records, more = "" }) => `${name} lags ${formatCount(records)}${more}`)
    .join(", ");
}

function runText({ lastRun }: LogStatus): string {
  if (lastRun === null) return "none yet";
  const { slot, universe, evaluable, candidates, healthStatus } = lastRun;
  return (
    `slot ${formatEasternTime(slot)}: ${formatCount(universe)} symbols, ${formatCount(evaluable)} evaluable, ` +
    `candidates ${candidates.length}, run health ${healthStatus}`
  );
}
