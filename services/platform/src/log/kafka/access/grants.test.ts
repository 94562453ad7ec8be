import { FACT_TOPICS, TOPIC_NAMES, TOPICS, type TopicName, type Writer } from "@amc/schemas/topics";
import { describe, expect, it } from "vitest";
import { type Grant, grants, type Operation, ROLES, type Role } from "./grants.ts";

/** Who acts as which writer of the topic table. */
const ROLES_OF: Readonly<Record<Writer, readonly Role[]>> = {
  ingest: ["ingest"],
  scheduler: ["scheduler"],
  operator: ["query-api"],
  processor: ["processor"],
  runtime: ["processor"],
  "alert-sender": ["alert-sender"],
  // Each tells of the jobs that it does.
  "job-worker": ["projector", "short-interest"],
};

/** What says for which underlyings calls are worth it, and whether the log answers. */
const LOOKED_AT: readonly TopicName[] = [
  ...(["ops.clock.v1", "ops.control.v1", "discovery.candidate.v1"] as const),
  ...(["discovery.recommendation.v1", "market.price-tick.v1"] as const),
];

/** Topics whose ends a tick names: who publishes it looks for their last records. */
const CUT: readonly TopicName[] = [...FACT_TOPICS, "ops.control.v1"];

/** Collected from FINRA and Alpha Vantage by a service of its own, and played by the one that plays recordings. */
const COLLECTED: readonly TopicName[] = [
  ...(["short.interest.v1", "short.volume.v1", "market.options.v1"] as const),
  ...(["ops.provider-call.v1", "ops.provider-answer.v1", "ops.circuit-breaker.v1"] as const),
];

/** Asked of Yahoo, Polygon and feeds by a service of its own. */
const ASKED_LIVE: readonly TopicName[] = [
  ...(["market.price-tick.v1", "market.corporate-action.v1", "market.reference.v1"] as const),
  "market.news.v1",
  ...(["short.interest.v1", "ops.provider-call.v1", "ops.circuit-breaker.v1"] as const),
  "ops.provider-answer.v1",
];

/** What whoever does jobs tells of them. */
const TOLD: readonly TopicName[] = [
  ...(["ops.job-run.v1", "ops.alert-raised.v1", "ops.hour-metric.v1"] as const),
];

const LOCATED_LIVE: readonly TopicName[] = [
  ...(["ops.clock.v1", "ops.control.v1", "market.options.v1"] as const),
];

/** How its calls to a channel went. */
const TOLD_OF_CALLS: readonly TopicName[] = ["ops.provider-call.v1", "ops.circuit-breaker.v1"];

function may(role: Role, operation: Operation, topic: string): boolean {
  return grants().some(
    (grant) =>
      grant.role === role &&
      grant.resource === "topic" &&
      grant.operations.some((granted) => granted === operation || granted === "All") &&
      grant.names.some((name) => name === "*" || name === topic),
  );
}

const whoMay = (operation: Operation, topic: string) =>
  ROLES.filter((role) => may(role, operation, topic));

describe("rights on topics", () => {
  it("let a topic be written by the role that the table names, and by operators", () => {
    for (const topic of TOPIC_NAMES) {
      const owners = ROLES_OF[TOPICS[topic].writer];
      // Time is the scheduler's, or that of a recording that is played.
      const players = topic === "ops.clock.v1" ? ["ingest"] : [];
      const collectors = COLLECTED.includes(topic) ? ["short-interest"] : [];
      const live = ASKED_LIVE.includes(topic) ? ["live"] : [];
      const callers = TOLD_OF_CALLS.includes(topic) ? ["alert-sender"] : [];
      const writers = [...players, ...owners, ...callers, ...collectors, ...live, "operator"];
      expect(whoMay("Write", topic), topic).toEqual(writers);
    }
  });

  it("let the scheduler write time and nothing else, and look for the ends of what a tick cuts", () => {
    const written = TOPIC_NAMES.filter((topic) => may("scheduler", "Write", topic));
    expect(written).toEqual(["ops.clock.v1", "ops.job-tick.v1"]);
    const read = TOPIC_NAMES.filter((topic) => may("scheduler", "Read", topic));
    expect(new Set(read)).toEqual(new Set([...written, ...CUT]));
  });

  it("let who collects from FINRA write what it says and nothing else, when its jobs are due", () => {
    const written = TOPIC_NAMES.filter((topic) => may("short-interest", "Write", topic));
    expect(new Set(written)).toEqual(new Set([...COLLECTED, ...TOLD]));
    const read = TOPIC_NAMES.filter((topic) => may("short-interest", "Read", topic));
    expect(new Set(read)).toEqual(
      new Set([...COLLECTED, ...LOOKED_AT, ...TOLD, "ops.job-tick.v1"]),
    );
  });

  it("let who asks live write what it was told and nothing else, and refuse nothing", () => {
    const all = TOPIC_NAMES.flatMap((topic) => [topic, `${topic}.dlq`]);
    const written = all.filter((topic) => may("live", "Write", topic));
    expect(new Set(written)).toEqual(new Set(ASKED_LIVE));
    const read = all.filter((topic) => may("live", "Read", topic));
    expect(new Set(read)).toEqual(new Set([...ASKED_LIVE, ...LOCATED_LIVE]));
  });

  it("let nobody but its runner write the changelog of a group, and the API see how far it is", () => {
    expect(whoMay("Read", "state.signals")).toEqual(["processor", "query-api", "operator"]);
    expect(whoMay("Write", "state.signals")).toEqual(["processor", "operator"]);
    expect(whoMay("Write", "state.projector.prices")).toEqual(["projector", "operator"]);
    const collector = ["short-interest", "operator"];
    expect(whoMay("Write", "state.jobs.short-interest")).toEqual(collector);
  });

  it("keep readers that answer people from writing anything but settings", () => {
    const written = TOPIC_NAMES.flatMap((topic) => [topic, `${topic}.dlq`]).filter((topic) =>
      may("query-api", "Write", topic),
    );
    expect(written).toEqual(["ops.control.v1"]);
  });

  it("let who collects from FINRA refuse what is about its jobs, and nothing of the facts that others read", () => {
    const refused = TOPIC_NAMES.filter((topic) => may("short-interest", "Write", `${topic}.dlq`));
    expect(refused).toEqual(["ops.job-tick.v1", ...TOLD]);
  });

  it("let everybody who reads a topic write what it cannot read to its dead letters", () => {
    for (const topic of TOPIC_NAMES) {
      const locates = (role: Role): boolean =>
        (role === "alert-sender" && topic === "ops.clock.v1") ||
        (role === "live" && LOCATED_LIVE.includes(topic)) ||
        (role === "short-interest" && LOOKED_AT.includes(topic)) ||
        ((role === "scheduler" || role === "ingest") && CUT.includes(topic));
      // Who writes in another one's place knows again what it wrote, and refuses none of it.
      const plays = (role: Role): boolean =>
        (role === "short-interest" && COLLECTED.includes(topic)) ||
        (role === "live" && ASKED_LIVE.includes(topic)) ||
        (role === "alert-sender" && TOLD_OF_CALLS.includes(topic)) ||
        (role === "ingest" && topic === "ops.clock.v1");
      const refuses = (role: Role): boolean =>
        role !== "query-api" && !plays(role) && (!locates(role) || may(role, "Write", topic));
      const readers = whoMay("Read", topic).filter(refuses);
      expect(whoMay("Write", `${topic}.dlq`), topic).toEqual(readers);
    }
  });

  it("end where the prefix of an installation ends", () => {
    const named = grants("blue.").flatMap(({ names }: Grant) => [...names]);
    expect(named.filter((name) => !name.startsWith("blue."))).toEqual([]);
  });
});
