import type { HttpAnswer } from "@amc/platform/http/exchange";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";
import { z } from "zod";

/** DELAYED: what a plan without real-time data gets, fifteen minutes old and else the same. */
const GOOD_STATUSES: ReadonlySet<string> = new Set(["OK", "DELAYED"]);
const STATED = z.object({ status: z.string(), error: z.string().default("") });

/**
 * An answer of Polygon's in the shape that it documents. Throws `provider.rate-limited` for its words
 * about too many calls, `provider.refused` for a key that may not ask this, both also when they come
 * with status 200, and `provider.unreadable` naming the field for everything else. Its own words are
 * not repeated: they may hold the key.
 */
export function readAnswer<Answer>(http: HttpAnswer, schema: z.ZodType<Answer>): Answer {
  const json = readJson(http);
  const { status, error } = inShape(STATED, json);
  if (!GOOD_STATUSES.has(status)) throw refusal(status, error);
  return inShape(schema, json);
}

function inShape<Shape>(schema: z.ZodType<Shape>, json: unknown): Shape {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(`${issue?.path.join(".") || "answer"}: ${issue?.message}`);
}

function refusal(status: string, error: string): ProviderError {
  if (/exceeded|too many|maximum requests/i.test(error)) {
    return new ProviderError("provider.rate-limited", "Polygon says that it was asked too often");
  }
  if (status === "NOT_AUTHORIZED" || /api key|not authorized|not entitled/i.test(error)) {
    return new ProviderError("provider.refused", "the key of Polygon is not good for this");
  }
  return unreadable(`its status is ${status.slice(0, 40)}, wanted was OK or DELAYED`);
}

/** The answer is not what was asked for. */
export function unreadable(reason: string): ProviderError {
  return new ProviderError("provider.unreadable", `the answer is not Polygon's: ${reason}`);
}
