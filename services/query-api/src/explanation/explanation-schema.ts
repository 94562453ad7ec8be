import {
  COUNT,
  described,
  eventSchema,
  FLAG,
  type JsonSchema,
  listOf,
  NUMBER,
  nullable,
  object,
  TEXT,
  TIME,
} from "../json/json-schema.ts";

const POSITION = nullable(
  object(
    { topic: TEXT, partition: COUNT, offset: COUNT },
    "Where the record lies in this log; null when it is no longer there or was not found within the search limit",
  ),
);

const NODE = {
  topic: TEXT,
  key: TEXT,
  id: described(TEXT, "ce_id of the event"),
  happenedAt: TIME,
  publishedAt: TIME,
  position: POSITION,
} satisfies Record<string, JsonSchema>;

const END = object({ id: TEXT, position: POSITION });

const INPUT = object(
  {
    role: TEXT,
    topic: TEXT,
    key: TEXT,
    source: TEXT,
    confidence: NUMBER,
    count: COUNT,
    hash: described(TEXT, "Order-free sum of the ids of all facts in the set, 32 hex digits"),
    happenedAt: described(TIME, "Event time of the newest fact"),
    publishedAt: described(TIME, "Publication time of the newest fact"),
    first: END,
    last: END,
  },
  "A set of facts: replaying exactly these gives the same recommendation",
);

const FEATURES_NODE = object({ ...NODE, inputs: listOf(INPUT) });
const DETECTION_NODE = object({ ...NODE, detector: TEXT, featuresId: TEXT });
const VERDICT_NODE = object({
  ...NODE,
  detections: listOf(DETECTION_NODE),
  features: nullable(FEATURES_NODE),
});

export const GATE = object({
  gate: TEXT,
  title: TEXT,
  outcome: { type: "string", enum: ["passed", "failed", "not_applicable"] },
  hard: described(FLAG, "True when a failure rejects"),
  value: nullable(NUMBER),
  threshold: nullable(NUMBER),
  valueText: described(nullable(TEXT), "The value with its unit"),
  thresholdText: described(nullable(TEXT), "The limit with its unit"),
  margin: described(nullable(NUMBER), "Distance to the limit relative to it; negative when failed"),
  reason: nullable(TEXT),
  words: TEXT,
});

const WORDS = object(
  {
    headline: TEXT,
    why: listOf(TEXT, "Strongest reasons, best first"),
    contributions: listOf(TEXT),
    gates: listOf(TEXT),
    confidence: listOf(TEXT),
    missing: listOf(TEXT),
    basis: TEXT,
  },
  "The explanation as sentences",
);

const CONTRIBUTION = object({
  detector: TEXT,
  score: nullable(NUMBER),
  weight: NUMBER,
  contribution: nullable(NUMBER),
  confidence: nullable(NUMBER),
  label: nullable(TEXT),
  signals: listOf(TEXT),
  components: listOf(
    object({ name: TEXT, value: nullable(NUMBER), weight: NUMBER, reason: nullable(TEXT) }),
  ),
});

export const EXPLANATION: JsonSchema = object({
  recommendation: eventSchema("amc.discovery.Recommendation", { id: TEXT }),
  words: WORDS,
  contributions: listOf(CONTRIBUTION),
  gates: listOf(GATE, "In gate order"),
  softFactor: described(nullable(NUMBER), "Confidence factor of the soft gates, 0.1 to 1"),
  softPenalties: listOf(object({ name: TEXT, penalty: NUMBER, detail: TEXT })),
  missing: listOf(
    object({
      feature: TEXT,
      reason: TEXT,
      have: nullable(NUMBER),
      need: nullable(NUMBER),
      words: TEXT,
    }),
    "What was unknown and lowered confidence",
  ),
  tags: listOf(TEXT),
  dataSources: listOf(TEXT),
  evidence: described(
    object({ ...NODE, verdict: nullable(VERDICT_NODE) }),
    "recommendation → verdict → detections and features → the facts of each input topic",
  ),
});
