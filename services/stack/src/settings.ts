import { homedir } from "node:os";
import { join } from "node:path";
import type { Variables } from "@amc/platform/config/variables";
import { type KafkaAccess, kafkaAccess } from "@amc/platform/log/kafka/connection";
import type { BinarySource } from "@amc/platform/postgres/binaries";
import type { BrokerSecurity } from "./kafka/broker-settings.ts";
import type { PartName } from "./parts.ts";
import type { PortWish } from "./ports.ts";

/** What one call of the stack works with. */
export interface StackSettings {
  readonly home: string;
  /** Where fetched artefacts lie; shared by all homes. */
  readonly cache: string;
  /** Root of a repository in Maven's layout. */
  readonly repository: string;
  readonly javaHome: string | undefined;
  /** Brokers of a new cluster; an existing one keeps its number. */
  readonly brokers: number | undefined;
  /** Partitions of every topic. */
  readonly partitions: number;
  /** Before the name of every topic. */
  readonly prefix: string;
  /** Whether brokers keep the history of short interest compressed. */
  readonly compressesShortInterest: boolean;
  /** Parts that somebody else runs, and where; they are used and never started. */
  readonly given: Readonly<Partial<Record<PartName, string>>>;
  /** How to get into Kafka. */
  readonly kafkaAccess: KafkaAccess;
  /** Authorities, in PEM, that given servers are trusted by; undefined for the system's. */
  readonly authorities: string | undefined;
  /** How brokers of our own guard themselves; null for those of loopback. */
  readonly security: BrokerSecurity | null;
  /** Parts that are asked for. */
  readonly parts: readonly PartName[];
  /**
   * Port that a part takes at first, the one everybody knows it by or another that the environment names: in
   * the default home only, so that two stacks that start at once do not both find the same port free.
   */
  readonly wellKnownPorts: Readonly<Record<PartName, number>> | null;
  /** Those of them that the environment names: they go before the ports that the parts had. */
  readonly namedPorts: Readonly<Partial<Record<PartName, number>>>;
  /**
   * Whether the servers run in containers: `never` where processes are asked for, in a home of one's own
   * and for a cluster, because docker-compose.yml describes one broker at well-known ports.
   */
  readonly containers: "always" | "never" | "where-possible";
  readonly postgresBinaries: BinarySource | undefined;
  /** Whether the topics of the table and the released schemas are put into it. */
  readonly withContents: boolean;
}

function defaultHome(): string {
  return join(dataDirectory(), "amc", "stack");
}

function dataDirectory(): string {
  return process.platform === "darwin"
    ? join(homedir(), "Library", "Application Support")
    : join(homedir(), ".local", "share");
}

function defaultCache(): string {
  const caches =
    process.platform === "darwin"
      ? join(homedir(), "Library", "Caches")
      : join(homedir(), ".cache");
  return join(caches, "amc", "artefacts");
}

const CONTAINERS_BY_RUNNER = {
  containers: "always",
  processes: "never",
  any: "where-possible",
} as const satisfies Record<string, StackSettings["containers"]>;

/** Whether an environment wants containers, before anything says what could be in them. */
export function containersWished(variables: Variables): StackSettings["containers"] {
  return CONTAINERS_BY_RUNNER[variables.AMC_STACK_RUNNER ?? "any"];
}

/** Where clients look that nobody tells; docker-compose.yml has them as well. */
const KNOWN_PORTS: Readonly<Record<PartName, number>> = {
  kafka: 9092,
  registry: 8081,
  postgres: 5432,
  redis: 6379,
};

/** The settings that an environment asks for, with what the command line adds. */
export function settingsFrom(
  variables: Variables,
  asked: Pick<StackSettings, "brokers" | "parts"> & {
    readonly home: string | undefined;
    readonly native?: boolean;
  },
): StackSettings {
  const given = {
    kafka: variables.KAFKA_BROKERS,
    registry: variables.SCHEMA_REGISTRY_URL,
    postgres: variables.DATABASE_URL,
    redis: variables.REDIS_URL,
  };
  const home = asked.home ?? variables.AMC_STACK_HOME;
  const namedPorts = home === undefined ? portsOf(variables) : {};
  const isBeyondCompose = home !== undefined || (asked.brokers ?? 1) > 1;
  return {
    home: home ?? defaultHome(),
    cache: variables.AMC_ARTEFACTS ?? defaultCache(),
    repository: variables.MAVEN_REPOSITORY,
    javaHome: variables.JAVA_HOME,
    brokers: asked.brokers,
    partitions: variables.AMC_PARTITIONS,
    prefix: variables.KAFKA_TOPIC_PREFIX,
    compressesShortInterest: variables.ENABLE_SHORT_INTEREST_COMPRESSION,
    given: definedOnly(given),
    kafkaAccess: kafkaAccess(variables),
    authorities: variables.AMC_TLS_CA,
    security: null,
    parts: asked.parts,
    wellKnownPorts: home === undefined ? { ...KNOWN_PORTS, ...namedPorts } : null,
    namedPorts,
    containers: asked.native === true || isBeyondCompose ? "never" : containersWished(variables),
    postgresBinaries: variables.AMC_POSTGRES,
    withContents: true,
  };
}

/** Which ports a part would have beside the one it had. */
export function portWish(settings: StackSettings, part: PartName): PortWish {
  return { named: settings.namedPorts[part], wellKnown: settings.wellKnownPorts?.[part] };
}

function portsOf(variables: Variables): Partial<Record<PartName, number>> {
  return definedOnly({
    kafka: variables.AMC_KAFKA_PORT,
    registry: variables.AMC_REGISTRY_PORT,
    postgres: variables.AMC_POSTGRES_PORT,
    redis: variables.AMC_REDIS_PORT,
  });
}

function definedOnly<Value>(
  given: Readonly<Record<PartName, Value | undefined>>,
): Partial<Record<PartName, Value>> {
  const { kafka, registry, postgres, redis } = given;
  return {
    ...(kafka === undefined ? {} : { kafka }),
    ...(registry === undefined ? {} : { registry }),
    ...(postgres === undefined ? {} : { postgres }),
    ...(redis === undefined ? {} : { redis }),
  };
}
