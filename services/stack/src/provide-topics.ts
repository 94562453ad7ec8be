import { isLogError } from "@amc/platform/log/errors";
import type { KafkaConnection } from "@amc/platform/log/kafka/client-options";
import { provideTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import { systemGroups, systemLayout } from "@amc/platform/runtime/layout";
import { StackError } from "./errors.ts";

interface SystemTopics {
  readonly partitions: number;
  readonly prefix: string;
  readonly compressesShortInterest: boolean;
}

/**
 * The topics of the table, their dead letters and the changelogs of all groups; says in words how
 * many were there.
 *
 * @throws StackError `stack.topics-differ`, naming topic, setting, is, should and what mends it;
 *   `stack.topics-refused`
 */
export async function provideSystemTopics(
  connection: KafkaConnection,
  { partitions, prefix, compressesShortInterest }: SystemTopics,
): Promise<string> {
  try {
    const { names, absent } = await provideTopics(connection, {
      ...{ prefix, compressesShortInterest },
      layout: systemLayout(partitions),
      groups: systemGroups(partitions),
    });
    return `${absent.length} created, ${names.length - absent.length} as the table says`;
  } catch (error) {
    if (!isLogError(error)) throw error;
    const facts = { part: "kafka", ...error.facts };
    if (error.code === "log.topics-differ") {
      throw new StackError("stack.topics-differ", error.message, facts, { cause: error });
    }
    throw new StackError(
      "stack.topics-refused",
      `Kafka at ${connection.brokers.join(",")} does not let topics be read or created: ${error.message}`,
      facts,
      { cause: error },
    );
  }
}
