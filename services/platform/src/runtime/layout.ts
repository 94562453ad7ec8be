import { TOPIC_NAMES } from "@amc/schemas/topics";
import { WORK_GROUP_NAMES, WORK_GROUPS } from "@amc/schemas/work-groups";
import type { TopicLayout } from "../log/port.ts";
import { deadLetterTopic } from "./dead-letter.ts";

/** Every topic of the system and its dead letters, with one number of partitions for all. */
export function systemLayout(partitions: number): TopicLayout[] {
  return TOPIC_NAMES.flatMap((topic) => [
    { topic, partitions },
    { topic: deadLetterTopic(topic), partitions },
  ]);
}

/** Every group of the system with the number of its work units. */
export function systemGroups(partitions: number): { group: string; partitions: number }[] {
  return WORK_GROUP_NAMES.map((group) => ({
    group,
    partitions: WORK_GROUPS[group].units === "one" ? 1 : partitions,
  }));
}
