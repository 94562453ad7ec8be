import type { JsonSchema } from "../json/json-schema.ts";

const INSTANT = { type: "string", format: "date-time", maxLength: 40 } satisfies JsonSchema;

/** Query parameters shared by the lists. */
export const PARAMETERS = {
  limit: { type: "integer", minimum: 1, maximum: 500, default: 50, description: "Rows a page" },
  cursor: {
    type: "string",
    minLength: 1,
    maxLength: 256,
    description: "`next` of the previous page",
  },
  asOf: { ...INSTANT, description: "Only what had happened by then" },
  from: { ...INSTANT, description: "Earliest event time, inclusive" },
  to: { ...INSTANT, description: "Latest event time, exclusive" },
  symbol: { type: "string", pattern: "^[A-Z0-9.^=-]{1,10}$", description: "Symbol in upper case" },
} as const satisfies Record<string, JsonSchema>;

export interface PageParameters {
  readonly limit: number;
  readonly cursor?: string;
  readonly asOf?: string;
}

/** A query string with these parameters and no other. */
export function query(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, additionalProperties: false };
}

export const NO_QUERY: JsonSchema = query({});

export const ID_PARAMETERS: JsonSchema = {
  type: "object",
  required: ["id"],
  properties: {
    id: {
      type: "string",
      pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
      description: "Event id",
    },
  },
};
