import type { HttpAnswer } from "@amc/platform/http/exchange";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";
import { z } from "zod";

/** All that Alpha Vantage says when it does not answer; always with status 200. */
const WORDS = z.object({
  Note: z.string().optional(),
  Information: z.string().optional(),
  "Error Message": z.string().optional(),
});

/**
 * An answer of Alpha Vantage's in the shape that it documents. Throws `provider.rate-limited` for its
 * words about too many calls, `provider.refused` for a key that is wrong or not for this,
 * `provider.bad-request` for a question it does not take, and `provider.unreadable` naming the field for
 * everything else. Its own words are not repeated: they state the key.
 */
export function readAnswer<Answer>(http: HttpAnswer, schema: z.ZodType<Answer>): Answer {
  const json = readJson(http);
  const words = WORDS.safeParse(json);
  if (!words.success) throw unreadable("it is no object");
  const { Note: note, Information: information, "Error Message": error } = words.data;
  const said = note ?? information;
  if (said !== undefined) throw saidInstead(said);
  if (error !== undefined) throw errorOf(error);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(`${issue?.path.join(".") || "answer"}: ${issue?.message}`);
}

/** Its words about the limit praise the premium plans as well, so these come second. */
function saidInstead(said: string): ProviderError {
  if (/rate limit|call frequency|requests? per|calls? per|spread(ing)? out/i.test(said)) {
    const message = "Alpha Vantage says that it was asked too often";
    return new ProviderError("provider.rate-limited", message);
  }
  if (/premium|demo|api ?key/i.test(said)) {
    return new ProviderError("provider.refused", "the key of Alpha Vantage is not good for this");
  }
  return unreadable("it is a note, not data");
}

function errorOf(error: string): ProviderError {
  if (/api ?key/i.test(error)) {
    return new ProviderError("provider.refused", "Alpha Vantage does not know the key");
  }
  return new ProviderError("provider.bad-request", "Alpha Vantage does not take the question");
}

/** The answer is not what was asked for. */
export function unreadable(reason: string): ProviderError {
  return new ProviderError("provider.unreadable", `the answer is not Alpha Vantage's: ${reason}`);
}
