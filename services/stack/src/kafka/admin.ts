import { Admin } from "@platformatic/kafka";

/** A client for questions and topics; `retries` 0 answers at once whether somebody is there. */
export function openAdmin(brokers: readonly string[], retries: number): Admin {
  return new Admin({
    clientId: "amc-stack",
    bootstrapBrokers: [...brokers],
    retries,
    retryDelay: 200,
    timeout: 10_000,
    connectTimeout: 2_000,
    // A question must never make the topic it asks about.
    autocreateTopics: false,
  });
}

/** How many brokers answer for the cluster behind these addresses. */
export async function countBrokers(brokers: readonly string[]): Promise<number> {
  const admin = openAdmin(brokers, 0);
  try {
    const { brokers: present } = await admin.metadata({ topics: [], forceUpdate: true });
    return present.size;
  } finally {
    await admin.close();
  }
}

/** The addresses in `KAFKA_BROKERS`. */
export function brokerList(text: string): string[] {
  return text
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "");
}
