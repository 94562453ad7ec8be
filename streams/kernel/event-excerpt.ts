import type { ExcerptOf } from "@amc/schemas/excerpts";
import type { TopicName } from "@amc/schemas/topics";
import type { StageEvent } from "./stage.ts";

/** A `StageEvent` with as much of its value as its excerpt holds. */
export interface EventExcerpt<Topic extends TopicName = TopicName>
  extends Omit<StageEvent<Topic>, "topic" | "value"> {
  readonly topic: Topic;
  readonly value: ExcerptOf<Topic>;
}

/** An `EventExcerpt` of any topic; narrows by `topic`. */
export type AnyExcerpt = { [Topic in TopicName]: EventExcerpt<Topic> }[TopicName];
