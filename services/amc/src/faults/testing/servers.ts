import { testPart } from "@amc/stack/testing/test-part";

/** Brokers that all faults share: those of KAFKA_BROKERS, else one broker that goes with this run. */
export async function clusterOfFaults(): Promise<readonly string[]> {
  const { address, skipped } = await testPart("kafka");
  if (address === null) throw new Error(`faults on Kafka cannot be put in${skipped}`);
  return address.split(",");
}
