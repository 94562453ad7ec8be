import type { Aggregates } from "./tally.ts";

/** What a suggestion may be about. */
export const SUGGESTION_AREAS = [
  "gates",
  "detectors",
  "universe",
  "data",
  "jobs",
  "experiments",
] as const;

/** Of an answer: about eight suggestions as long as they may be, and as much again for the JSON. */
const TOKENS_MAX = 4_000;

const SYSTEM = `You advise the operator of a discovery system for US equities. Every 15 minutes it evaluates symbols by hard gates, scores what passes and recommends. You get aggregates of a span of trading days as JSON: names and numbers, null where a number is not known; a count that is not there is not known to be 0. An input that is missing fails a hard gate, which is why gates count what failed or was unknown.
Say in a summary of at most 600 characters what they show, and suggest at most 8 improvements that a person could test by replaying recorded days. A suggestion has a title of at most 120 characters that no other one has, a rationale of at most 600 characters, the area it is about, a confidence from 0 to 1, and as evidence 1 to 6 names of figures exactly as they are given. Suggest nothing that the figures do not support: an empty list is a good answer. Plain text in one line each, no markup.`;

const TEXT = { type: "string" } as const;

/** As structured outputs take it: they know no lengths and no limits, which the reader holds instead. */
const ANSWER_SCHEMA = {
  type: "object",
  properties: {
    summary: TEXT,
    suggestions: {
      type: "array",
      items: {
        type: "object",
        properties: {
          title: TEXT,
          rationale: TEXT,
          area: { type: "string", enum: [...SUGGESTION_AREAS] },
          confidence: { type: "number" },
          evidence: { type: "array", items: TEXT },
        },
        required: ["title", "rationale", "area", "confidence", "evidence"],
        additionalProperties: false,
      },
    },
  },
  required: ["summary", "suggestions"],
  additionalProperties: false,
} as const;

/** The whole body of a question to the Messages API: the same aggregates give the same bytes. */
export function questionBody(model: string, aggregates: Aggregates): string {
  const { from, through, simulated, figures } = aggregates;
  return JSON.stringify({
    model,
    max_tokens: TOKENS_MAX,
    system: SYSTEM,
    messages: [{ role: "user", content: JSON.stringify({ from, through, simulated, figures }) }],
    output_config: { format: { type: "json_schema", schema: ANSWER_SCHEMA } },
  });
}
