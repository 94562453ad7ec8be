import { described, eventSchema, type JsonSchema, object, TEXT } from "../json/json-schema.ts";
import { FEED_NAMES, type FeedName } from "./position.ts";

const ID = { id: described(TEXT, "Event id") };
const DATA: Readonly<Record<FeedName, JsonSchema>> = {
  run: eventSchema("amc.discovery.Run", ID),
  recommendation: eventSchema("amc.discovery.Recommendation", ID),
  alert: eventSchema("amc.alerts.Requested", ID),
};

/**
 * The stream as the list of its events, each with the fields a reader of `text/event-stream` hands
 * on. OpenAPI 3.1 has no word for a sequence without end; 3.2 reads a schema of one in this way.
 */
export const EVENT_STREAM: JsonSchema = {
  type: "array",
  items: { oneOf: FEED_NAMES.map(streamedEvent) },
};

function streamedEvent(name: FeedName): JsonSchema {
  return object({
    event: { type: "string", enum: [name] },
    id: described(TEXT, "Position after this event, for `Last-Event-ID` or `from`"),
    data: {
      type: "string",
      contentMediaType: "application/json",
      contentSchema: DATA[name],
      description: "The event as JSON",
    },
  });
}
