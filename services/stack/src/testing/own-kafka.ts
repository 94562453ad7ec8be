import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { KafkaAccess } from "@amc/platform/log/kafka/connection";
import {
  type Admin,
  ConfigResourceTypes,
  IncrementalAlterConfigOperationTypes,
} from "@platformatic/kafka";
import { readList } from "../artefacts/lists.ts";
import { provideArtefacts } from "../artefacts/provide.ts";
import type { StackContext } from "../context.ts";
import { bringDown } from "../down.ts";
import { StackError } from "../errors.ts";
import { stackHome } from "../home.ts";
import { findJavas, requireJava } from "../java.ts";
import { openAdmin } from "../kafka/admin.ts";
import type { BrokerSecurity } from "../kafka/broker-settings.ts";
import { settingsFrom } from "../settings.ts";
import { bringUp } from "../up.ts";
import { needs } from "./test-part.ts";

const QUIET = { note: () => undefined, progress: () => undefined };
const LOOK_EVERY_MS = 100;
/** A broker that was killed a moment ago may still look alive, and fails the first try to start it. */
const RESTART_TRIES = 3;

/**
 * A cluster that one test may stop, stall, kill and change: processes, whatever engine there is, because
 * docker-compose.yml has one broker, and a container takes no signal of a test's and no settings of its own.
 */
export interface OwnKafka {
  readonly address: string;
  /** Of the brokers that were started last, in the order of their addresses. */
  readonly pids: readonly number[];
  /** Sets settings of a topic behind the back of whoever created it. */
  readonly alterTopic: (topic: string, settings: Readonly<Record<string, string>>) => Promise<void>;
  /** Stops all brokers for so long, in the middle of whatever they do. */
  readonly stallFor: (ms: number) => Promise<void>;
  /** Starts those brokers again that do not run; returns when all answer. */
  readonly restart: () => Promise<void>;
  /** Resolves when every replica of a topic is in sync: then a broker may go and nothing waits. */
  readonly untilCopied: (topic: string) => Promise<void>;
  readonly down: () => Promise<void>;
}

/** How a cluster guards itself, and how whoever administers it gets in. */
export interface GuardedKafka {
  readonly security: BrokerSecurity;
  readonly access: KafkaAccess;
}

/** Why no test can have a cluster of its own here, as the end of a suite's name; empty when it can. */
export async function withoutOwnKafka(): Promise<string> {
  const asked = { brokers: undefined, parts: ["kafka" as const], home: undefined };
  const settings = settingsFrom(loadProcessConfig(), asked);
  try {
    requireJava(findJavas(settings.javaHome));
    await provideArtefacts("Kafka", readList("kafka"), settings, QUIET);
    return "";
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    return needs("Kafka as processes", error.message);
  }
}

/** Starts a cluster of one test's own; null, with nothing left behind, where it cannot be started. */
export async function ownKafka(brokers: number, guarded?: GuardedKafka): Promise<OwnKafka | null> {
  const home = stackHome(mkdtempSync(join(tmpdir(), "amc-own-kafka-")));
  const asked = { brokers, parts: ["kafka" as const], home: home.root };
  const context: StackContext = {
    home,
    settings: {
      ...settingsFrom(loadProcessConfig(), asked),
      given: {},
      wellKnownPorts: null,
      withContents: false,
      kafkaAccess: guarded?.access ?? {},
      security: guarded?.security ?? null,
    },
    teller: QUIET,
  };
  return await bringOwnUp(context);
}

async function bringOwnUp(context: StackContext): Promise<OwnKafka | null> {
  const down = async () => {
    await bringDown(context, true);
  };
  const { parts } = await bringUp(context);
  const report = parts[0];
  if (report === undefined || report.address === null || report.code !== undefined) {
    await down();
    return null;
  }
  const { address } = report;
  let { pids } = report;
  const restart = async () => {
    pids = await bringBack(context);
  };
  const stallFor = async (ms: number) => {
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    await wait(ms);
    for (const pid of pids) process.kill(pid, "SIGCONT");
  };
  const { kafkaAccess } = context.settings;
  const ask = () => openAdmin({ brokers: address.split(","), ...kafkaAccess }, 3);
  const untilCopied = async (topic: string) => {
    const admin = ask();
    try {
      while (!(await isCopied(admin, topic))) await wait(LOOK_EVERY_MS);
    } finally {
      await admin.close();
    }
  };
  const alterTopic = async (topic: string, settings: Readonly<Record<string, string>>) => {
    const admin = ask();
    await admin.incrementalAlterConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: topic,
          configs: Object.entries(settings).map(([name, value]) => ({
            ...{ name, value },
            configOperation: IncrementalAlterConfigOperationTypes.SET,
          })),
        },
      ],
    });
    await admin.close();
  };
  return {
    address,
    get pids() {
      return pids;
    },
    ...{ alterTopic, stallFor, restart, untilCopied, down },
  };
}

/** @returns pids of the brokers, all of which answer */
async function bringBack(context: StackContext): Promise<readonly number[]> {
  let why = "no part was asked for";
  for (let tries = 0; tries < RESTART_TRIES; tries += 1) {
    const part = (await bringUp(context)).parts[0];
    if (part !== undefined && part.code === undefined) return part.pids;
    why = `${part?.code}: ${part?.detail}`;
  }
  throw new Error(`the brokers are not back after ${RESTART_TRIES} tries: ${why}`);
}

async function isCopied(admin: Admin, topic: string): Promise<boolean> {
  const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
  const partitions = topics.get(topic)?.partitions ?? [];
  return partitions.every(({ isr, replicas }) => isr.length === replicas.length);
}
