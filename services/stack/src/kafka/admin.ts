import { connectionOptions, type KafkaConnection } from "@amc/platform/log/kafka/client-options";
import { Admin } from "@platformatic/kafka";

/** What is asked of brokers, who may have to be logged in to. */
export type ClusterAddress = Pick<KafkaConnection, "brokers" | "sasl" | "tls">;

/** A client for questions; `retries` 0 answers at once whether somebody is there. */
export function openAdmin({ brokers, sasl, tls }: ClusterAddress, retries: number): Admin {
  const connection = { brokers, clientId: "amc-stack", ...(sasl && { sasl }), ...(tls && { tls }) };
  return new Admin({
    ...connectionOptions(connection),
    clientId: connection.clientId,
    bootstrapBrokers: [...brokers],
    retries,
    retryDelay: 200,
    timeout: 10_000,
    connectTimeout: 2_000,
    // A question must never make the topic it asks about.
    autocreateTopics: false,
  });
}

/** Which cluster answers at these addresses, and of how many brokers it tells. */
export async function askCluster(
  address: ClusterAddress,
): Promise<{ readonly id: string; readonly brokers: number }> {
  // One try for each of them: the first may accept connections and answer nothing.
  const admin = openAdmin(address, address.brokers.length - 1);
  try {
    const { id, brokers } = await admin.metadata({ topics: [], forceUpdate: true });
    return { id, brokers: brokers.size };
  } finally {
    await admin.close();
  }
}
