import type { HttpAnswer } from "./exchange.ts";
import { ProviderError } from "./provider-error.ts";

/** The JSON of an answer. Throws `provider.unreadable`: truncated, HTML, or not UTF-8. */
export function readJson({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new ProviderError("provider.unreadable", "the answer is no JSON", {}, { cause: error });
  }
}
