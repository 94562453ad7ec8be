import { PROBLEMS, type ProblemCode } from "../api-error.ts";
import { COUNT, described, type JsonSchema, TEXT } from "../json/json-schema.ts";

/** Responses of a route that refuses with these problems, by status, for its OpenAPI description. */
export function problemAnswers(
  ...codes: readonly ProblemCode[]
): Readonly<Record<number, JsonSchema>> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, of]) => [status, problemAnswer(of)]));
}

function problemAnswer(codes: readonly ProblemCode[]): JsonSchema {
  return {
    description: codes.map((code) => PROBLEMS[code].title).join("; "),
    content: { "application/problem+json": { schema: problemSchema(codes) } },
  };
}

/** RFC 9457; a problem may have members beside these, which say more of it. */
function problemSchema(codes: readonly ProblemCode[]): JsonSchema {
  const properties = {
    type: { type: "string", enum: codes.map((code) => `urn:amc:problem:${code}`) },
    title: TEXT,
    status: COUNT,
    detail: TEXT,
    instance: described(TEXT, "Path of the request"),
    traceId: TEXT,
  } satisfies Record<string, JsonSchema>;
  return { type: "object", properties, required: Object.keys(properties) };
}
