import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { KafkaAccess } from "@amc/platform/log/kafka/connection";
import { ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from "@platformatic/kafka";
import type { StackContext } from "../context.ts";
import { bringDown } from "../down.ts";
import { stackHome } from "../home.ts";
import { openAdmin } from "../kafka/admin.ts";
import type { BrokerSecurity } from "../kafka/broker-settings.ts";
import { settingsFrom } from "../settings.ts";
import { bringUp } from "../up.ts";

/** A cluster that one test may stop, stall, kill and change. */
export interface OwnKafka {
  readonly address: string;
  /** Of the brokers, in the order of their addresses. */
  readonly pids: readonly number[];
  /** Sets settings of a topic behind the back of whoever created it. */
  readonly alterTopic: (topic: string, settings: Readonly<Record<string, string>>) => Promise<void>;
  /** Starts brokers that were killed; returns when all answer. */
  readonly restart: () => Promise<OwnKafka>;
  readonly down: () => Promise<void>;
}

/** How a cluster guards itself, and how whoever administers it gets in. */
export interface GuardedKafka {
  readonly security: BrokerSecurity;
  readonly access: KafkaAccess;
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
      wellKnownPorts: false,
      withContents: false,
      kafkaAccess: guarded?.access ?? {},
      security: guarded?.security ?? null,
    },
    teller: { note: () => undefined, progress: () => undefined },
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
  const { address, pids } = report;
  const restart = async () => {
    const again = await bringOwnUp(context);
    if (again === null) throw new Error("the cluster did not come back");
    return again;
  };
  const alterTopic = async (topic: string, settings: Readonly<Record<string, string>>) => {
    const { kafkaAccess } = context.settings;
    const admin = openAdmin({ brokers: address.split(","), ...kafkaAccess }, 3);
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
  return { address, pids, alterTopic, restart, down };
}
