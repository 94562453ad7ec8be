import { FACT_TOPICS, TOPIC_NAMES, TOPICS, type TopicName, type Writer } from "@amc/schemas/topics";
import {
  WORK_GROUP_NAMES,
  WORK_GROUPS,
  type WorkGroupName,
  type WorkGroupRunner,
} from "@amc/schemas/work-groups";
import type { ServiceRole } from "../../../config/roles.ts";
import { deadLetterTopic } from "../../../runtime/dead-letter.ts";
import { changelogTopic } from "../../changelog-topic.ts";

/** What logs in at the brokers under a name of its own. */
export const ROLES = [
  "ingest",
  "scheduler",
  "processor",
  "projector",
  "query-api",
  "alert-sender",
  "short-interest",
  "live",
  "operator",
] as const;

export type Role = (typeof ROLES)[number];

/** In Kafka's words, as `kafka-acls.sh` takes them. */
export type Operation = "All" | "Describe" | "DescribeConfigs" | "Read" | "Write";

/** What one principal may do, no matter from which host. */
export interface Grant {
  readonly role: Role;
  readonly operations: readonly Operation[];
  readonly resource: "topic" | "group" | "transactional-id";
  /** `prefixed`: everything whose name begins so. */
  readonly pattern: "literal" | "prefixed";
  /** `*` is every name. */
  readonly names: readonly string[];
}

export function principalOf(role: Role): string {
  return `amc-${role}`;
}

/** What the client ids of its instances, and with them their own transactions, begin with. */
export function clientIdOf(role: Exclude<Role, "operator">): string {
  return `amc-${SERVICE[role]}`;
}

/** What `run` calls a role: so its instances name their group and their transactions. */
const SERVICE: Readonly<Record<Exclude<Role, "operator">, ServiceRole>> = {
  ingest: "ingest",
  scheduler: "scheduler",
  processor: "processor",
  projector: "projector",
  "query-api": "api",
  "alert-sender": "alerts",
  "short-interest": "short-interest",
  live: "live",
};

/** Facts and settings: a tick says up to where it covers them, and who cuts looks for the last record. */
const isCut = (topic: TopicName): boolean =>
  topic === "ops.control.v1" || FACT_TOPICS.some((fact) => fact === topic);

/** What providers answered, as it came: who asks them keeps it, and who makes facts anew is an operator. */
const isRaw = (topic: TopicName): boolean => topic === "ops.provider-answer.v1";

/** Whose topics a role writes, and which it reads beside those. */
const DUTIES: Readonly<
  Record<
    Exclude<Role, "operator">,
    {
      readonly writers: readonly Writer[];
      /** Topics of another writer that it writes in its place, and refuses none of: it reads none. */
      readonly plays?: readonly TopicName[];
      readonly reads: (topic: TopicName) => boolean;
      /** Groups of others whose positions it reads. */
      readonly watches?: readonly WorkGroupName[];
      /** Topics whose last record it looks for, and refuses none of. */
      readonly locates?: (topic: TopicName) => boolean;
    }
  >
> = {
  // Who plays a recording plays its time as well.
  ingest: { writers: ["ingest"], plays: ["ops.clock.v1"], reads: () => false, locates: isCut },
  scheduler: { writers: ["scheduler"], reads: () => false, locates: isCut },
  processor: {
    writers: ["processor", "runtime"],
    reads: (topic) => TOPICS[topic].kind !== "delivery" && !isRaw(topic),
  },
  projector: { writers: ["job-worker"], reads: (topic) => !isRaw(topic) },
  // Settings that people change through the API are events; it streams all others, and tells how far
  // every group is.
  "query-api": {
    writers: ["operator"],
    reads: (topic) => !isRaw(topic),
    watches: WORK_GROUP_NAMES,
  },
  "alert-sender": {
    writers: ["alert-sender"],
    // Its calls to Twilio are told as those to all others are.
    plays: ["ops.provider-call.v1", "ops.circuit-breaker.v1"],
    reads: (topic) => topic === "alerts.requested.v1",
    // By the clock every service sees whether the log answers.
    locates: (topic) => topic === "ops.clock.v1",
  },
  // What it asks FINRA for, and Alpha Vantage, are facts as those of a recording are.
  "short-interest": {
    writers: ["job-worker"],
    plays: [
      "short.interest.v1",
      "short.volume.v1",
      "market.options.v1",
      "ops.provider-call.v1",
      "ops.provider-answer.v1",
      "ops.circuit-breaker.v1",
    ],
    reads: (topic) => topic === "ops.job-tick.v1",
    // The clock tells whether the log answers, settings which days of FINRA's schedule people have
    // decided; the others, for which underlyings calls are worth it.
    locates: (topic) =>
      topic === "ops.clock.v1" ||
      topic === "ops.control.v1" ||
      topic === "discovery.candidate.v1" ||
      topic === "discovery.recommendation.v1" ||
      topic === "market.price-tick.v1",
  },
  // What it asks Yahoo, Polygon and feeds for.
  live: {
    writers: [],
    plays: [
      "market.price-tick.v1",
      "market.corporate-action.v1",
      "market.reference.v1",
      "market.news.v1",
      "short.interest.v1",
      "ops.provider-call.v1",
      "ops.provider-answer.v1",
      "ops.circuit-breaker.v1",
    ],
    reads: () => false,
    // The clock tells whether the log answers, settings which days of FINRA's schedule people have decided,
    // options whether what Yahoo stated before was made up.
    locates: (topic) =>
      topic === "ops.clock.v1" || topic === "ops.control.v1" || topic === "market.options.v1",
  },
};

/**
 * The rights of every role under the prefix of an installation, from the table of topics (who writes
 * what) and that of groups (who runs what): nobody can write what another one answers for.
 */
export function grants(prefix = ""): Grant[] {
  return ROLES.flatMap((role) =>
    role === "operator" ? operatorGrants(prefix) : serviceGrants(role, prefix),
  );
}

function serviceGrants(role: Exclude<Role, "operator">, prefix: string): Grant[] {
  const { writers, plays = [], reads, locates = () => false, watches = [] } = DUTIES[role];
  const writes = (topic: TopicName) => writers.includes(TOPICS[topic].writer);
  const own = TOPIC_NAMES.filter((topic) => writes(topic) || plays.includes(topic));
  const read = TOPIC_NAMES.filter((topic) => reads(topic) && !own.includes(topic));
  const refusable = [...own.filter(writes), ...read];
  const refused = role === "query-api" ? [] : refusable.map(deadLetterTopic);
  const located = TOPIC_NAMES.filter(
    (topic) => locates(topic) && !own.includes(topic) && !read.includes(topic),
  );
  const groups = WORK_GROUP_NAMES.filter((group) => runnerOf(group) === role);
  // A new owner reads what the one before it wrote, so whoever writes reads as well.
  const written = [...own, ...refused, ...groups.map(changelogTopic)];
  const inPrefix = (names: readonly string[]) => names.map((name) => prefix + name);
  const literal = { role, pattern: "literal" as const };
  const prefixed = { role, pattern: "prefixed" as const };
  const all: Grant[] = [
    // How many partitions there are and how topics are kept is no secret: every service compares that
    // with the table when it starts.
    everything(role, "topic", prefix, ["Describe", "DescribeConfigs"]),
    {
      ...literal,
      resource: "topic",
      operations: ["Read"],
      names: inPrefix([...read, ...located, ...watches.map(changelogTopic)]),
    },
    { ...literal, resource: "topic", operations: ["Read", "Write"], names: inPrefix(written) },
    // Of a unit of work, and of a process that commits without one.
    {
      ...{ ...prefixed, resource: "transactional-id", operations: ["Write"] },
      names: inPrefix([...groups, clientIdOf(role)].map((name) => `${name}-`)),
    },
    // Instances of the role that divide its units of work among them.
    {
      ...literal,
      resource: "group",
      operations: ["Read"],
      names: inPrefix([`amc.${SERVICE[role]}`]),
    },
  ];
  return all.filter(({ names }) => names.length > 0);
}

/** Creates and mends topics, redrives dead letters, changes settings: all that is of this installation. */
function operatorGrants(prefix: string): Grant[] {
  return (["topic", "group", "transactional-id"] as const).map((resource) =>
    everything("operator", resource, prefix, ["All"]),
  );
}

function everything(
  role: Role,
  resource: Grant["resource"],
  prefix: string,
  operations: readonly Operation[],
): Grant {
  const isWhole = prefix === "";
  const pattern = isWhole ? "literal" : "prefixed";
  return { role, resource, operations, pattern, names: [isWhole ? "*" : prefix] };
}

function runnerOf(group: (typeof WORK_GROUP_NAMES)[number]): WorkGroupRunner {
  return WORK_GROUPS[group].runner;
}
