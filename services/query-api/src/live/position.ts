import type { TopicName } from "@amc/schemas/topics";
import { ApiError } from "../api-error.ts";

/** The topics an event stream carries, under the names their events have there. */
export const FEED = {
  run: "discovery.run.v1",
  recommendation: "discovery.recommendation.v1",
  alert: "alerts.requested.v1",
} as const satisfies Record<string, TopicName>;

export type FeedName = keyof typeof FEED;
export const FEED_NAMES = ["run", "recommendation", "alert"] as const satisfies readonly FeedName[];

/**
 * Next offset per partition of each feed topic. As text, `run=12.0.3.5;recommendation=1.0.0.2;alert=0.0.0.0`,
 * it is the `position` of every answer and the `id` of every streamed event; sent back as
 * `Last-Event-ID` it continues exactly there.
 */
export type FeedPosition = Readonly<Record<FeedName, readonly number[]>>;

// 64 partitions of 16-digit offsets a topic; longer texts are refused before they are parsed.
const MAX_LENGTH = 4096;
const OFFSETS = /^\d{1,15}(\.\d{1,15})*$/;

export function formatPosition(position: FeedPosition): string {
  return FEED_NAMES.map((name) => `${name}=${position[name].join(".")}`).join(";");
}

/** Throws `invalid-position` unless the text has one offset per partition of `layout`. */
export function parsePosition(
  text: string,
  layout: Readonly<Record<FeedName, number>>,
): FeedPosition {
  if (text.length > MAX_LENGTH) throw invalid();
  const parts = text.split(";");
  if (parts.length !== FEED_NAMES.length) throw invalid();
  const offsets = FEED_NAMES.map((name, index) => {
    const [label, numbers = ""] = parts[index]?.split("=") ?? [];
    if (label !== name || !OFFSETS.test(numbers)) throw invalid();
    const parsed = numbers.split(".").map(Number);
    if (parsed.length !== layout[name]) throw invalid();
    return parsed;
  });
  const [run = [], recommendation = [], alert = []] = offsets;
  return { run, recommendation, alert };
}

function invalid(): ApiError {
  return new ApiError("invalid-position", "take it from an answer's position or an event's id");
}
