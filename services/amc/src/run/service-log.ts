import type { ServiceRole } from "@amc/platform/config/roles";
import type { Variables } from "@amc/platform/config/variables";
import { isLogError, LogError } from "@amc/platform/log/errors";
import { openKafkaLog } from "@amc/platform/log/kafka";
import type { KafkaConnection } from "@amc/platform/log/kafka/client-options";
import { brokerList, kafkaAccess } from "@amc/platform/log/kafka/connection";
import type { Restored } from "@amc/platform/log/kafka/unit";
import type { Log } from "@amc/platform/log/port";
import { registeredIds } from "@amc/platform/registry/registered-ids";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { systemLayout } from "@amc/platform/runtime/layout";

export interface ServiceLogOptions {
  readonly role: ServiceRole | "operator";
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
  const connection = serviceConnection(variables, options);
  return await namingBrokers(connection.brokers, () =>
    openKafkaLog({
      connection,
      layout: systemLayout(variables.AMC_PARTITIONS),
      delivery: variables.KAFKA_DELIVERY,
      transactionsBy: variables.KAFKA_TRANSACTIONS_BY,
      prefix: variables.KAFKA_TOPIC_PREFIX,
      onRestored: options.onRestored,
      wireIds,
    }),
  );
}

/** Says which brokers were asked where none of them answers: the client's own words name none. */
export async function namingBrokers(
  brokers: readonly string[],
  open: () => Promise<Log>,
): Promise<Log> {
  try {
    return await open();
  } catch (error) {
    if (!isLogError(error, "log.unavailable")) throw error;
    const asked = brokers.join(",");
    const message = `${error.message}; asked were ${asked}: are these the KAFKA_BROKERS that run?`;
    throw new LogError(error.code, message, { ...error.facts, brokers: asked }, { cause: error });
  }
}
