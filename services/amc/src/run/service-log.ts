import type { ServiceRole } from "@amc/platform/config/roles";
import type { Variables } from "@amc/platform/config/variables";
import { openKafkaLog } from "@amc/platform/log/kafka";
import type { KafkaConnection } from "@amc/platform/log/kafka/client-options";
import { brokerList, kafkaAccess } from "@amc/platform/log/kafka/connection";
import type { Restored } from "@amc/platform/log/kafka/unit";
import type { Log } from "@amc/platform/log/port";
import { registeredIds } from "@amc/platform/registry/registered-ids";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { systemLayout } from "@amc/platform/runtime/layout";

export interface ServiceLogOptions {
  readonly role: ServiceRole;
  readonly instance: number;
  readonly onRestored: (restored: Restored) => void;
}

/** How a service reaches the brokers that the configuration names. */
export function serviceConnection(
  variables: Variables,
  { role, instance }: Pick<ServiceLogOptions, "role" | "instance">,
): KafkaConnection {
  const brokers = brokerList(variables.KAFKA_BROKERS ?? "");
  return { brokers, clientId: `amc-${role}-${instance}`, ...kafkaAccess(variables) };
}

/**
 * The log of a service on the real stack. Every schema that this build writes has to be registered
 * before the first record is. Throws as `registeredIds` and `openKafkaLog` do.
 */
export async function openServiceLog(
  variables: Variables,
  options: ServiceLogOptions,
): Promise<Log> {
  const { SCHEMA_REGISTRY_URL: url = "", AMC_TLS_CA: ca } = variables;
  const wireIds = await registeredIds(new RegistryClient({ url, ca }));
  return await openKafkaLog({
    connection: serviceConnection(variables, options),
    layout: systemLayout(variables.AMC_PARTITIONS),
    delivery: variables.KAFKA_DELIVERY,
    prefix: variables.KAFKA_TOPIC_PREFIX,
    onRestored: options.onRestored,
    wireIds,
  });
}

/** Opens the same log to be looked at or added to by a command, and closes it afterwards. */
export async function withServiceLog<Result>(
  variables: Variables,
  role: ServiceRole,
  work: (log: Log) => Promise<Result>,
): Promise<Result> {
  const log = await openServiceLog(variables, { role, instance: 0, onRestored: () => undefined });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}
