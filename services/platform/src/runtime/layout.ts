import { TOPIC_NAMES } from "@amc/schemas/topics";
import type { TopicLayout } from "../log/port.ts";
import { deadLetterTopic } from "./dead-letter.ts";

/** Every topic of the system and its dead letters, with one number of partitions for all. */
export function systemLayout(partitions: number): TopicLayout[] {
  return TOPIC_NAMES.flatMap((topic) => [
    { topic, partitions },
    { topic: deadLetterTopic(topic), partitions },
  ]);
}
