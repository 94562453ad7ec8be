import { replicationOf } from "@amc/platform/log/kafka/topics/topic-shape";
import { LOOPBACK } from "../ports.ts";

/** One broker of a cluster whose brokers are controllers, too. */
export interface BrokerPlace {
  /** From 1. */
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly dataDirectory: string;
}

/** Who may connect to a cluster and how, in place of anybody on this machine. */
export interface BrokerSecurity {
  /** Added to the settings of a broker, or in place of them. */
  readonly settings: (place: BrokerPlace) => Readonly<Record<string, string>>;
  /** For the program that formats the storage, which holds the first principals. */
  readonly formatArguments: readonly string[];
}

/**
 * Heap of a broker: what 1M messages through one need with room to spare; three share a machine
 * with everything else.
 */
export function heapMegabytes(brokers: number): number {
  return brokers === 1 ? 512 : 256;
}

// A few consumer groups and producers: more partitions of Kafka's own topics only take time to load.
const INTERNAL_PARTITIONS = 4;
/** Of the heap; the default of 128 MiB is half of a small one. */
const CLEANER_BUFFER_BYTES = 16 * 1024 * 1024;
/** A dead broker is replaced as leader after this. */
const SESSION_TIMEOUT_MS = 4_000;

/** `server.properties` of one broker. */
export function brokerSettings(
  own: BrokerPlace,
  all: readonly BrokerPlace[],
  security: BrokerSecurity | null,
): string {
  const { replicas, minInsync } = replicationOf(all.length);
  const settings = {
    "process.roles": "broker,controller",
    "node.id": own.id,
    "controller.quorum.voters": all
      .map(({ id, controllerPort }) => `${id}@${LOOPBACK}:${controllerPort}`)
      .join(","),
    listeners: `PLAINTEXT://${LOOPBACK}:${own.port},CONTROLLER://${LOOPBACK}:${own.controllerPort}`,
    "advertised.listeners": `PLAINTEXT://${LOOPBACK}:${own.port}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "log.dirs": own.dataDirectory,
    // A misspelt topic is an error, and the topic table alone says what exists.
    "auto.create.topics.enable": false,
    "unclean.leader.election.enable": false,
    "default.replication.factor": replicas,
    "min.insync.replicas": minInsync,
    "offsets.topic.num.partitions": INTERNAL_PARTITIONS,
    "offsets.topic.replication.factor": replicas,
    "transaction.state.log.num.partitions": INTERNAL_PARTITIONS,
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": minInsync,
    "share.coordinator.state.topic.num.partitions": INTERNAL_PARTITIONS,
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": minInsync,
    // A test or a start should not wait three seconds for members that never come.
    "group.initial.rebalance.delay.ms": 0,
    "broker.session.timeout.ms": SESSION_TIMEOUT_MS,
    "broker.heartbeat.interval.ms": SESSION_TIMEOUT_MS / 4,
    "log.cleaner.dedupe.buffer.size": CLEANER_BUFFER_BYTES,
    "num.network.threads": 2,
    "num.io.threads": 4,
    ...security?.settings(own),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${escaped(value)}`);
  return `# Written by npm run stack -- up at every start.\n${lines.join("\n")}\n`;
}

/** A backslash would escape what follows it. */
function escaped(value: string | number | boolean): string {
  return String(value).replaceAll("\\", "\\\\");
}
