import type { HttpAnswer } from "@amc/platform/http/exchange";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";
import { z } from "zod";

/** What Yahoo's key statistics say of short interest and shares; null where they say nothing. */
export const KEY_STATISTICS = z.object({
  sharesShort: z.number().nullable(),
  /** Days to cover, whatever its name says (C-09). */
  shortRatio: z.number().nullable(),
  /** Settlement date, UTC seconds of its midnight. */
  dateShortInterest: z.int().nullable(),
  floatShares: z.number().nullable(),
  sharesOutstanding: z.number().nullable(),
});
export type KeyStatistics = z.output<typeof KEY_STATISTICS>;

const field = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const ANSWER = z.object({
  quoteSummary: z.object({
    error: z.object({ code: z.string() }).nullish(),
    result: z
      .array(
        z.object({
          defaultKeyStatistics: z.object({
            sharesShort: field,
            shortRatio: field,
            dateShortInterest: field,
            floatShares: field,
            sharesOutstanding: field,
          }),
        }),
      )
      .nullish(),
  }),
});

/**
 * Key statistics out of a quote summary. Yahoo's percent of float is not read: it contradicts its own
 * shares and float (GME, January 2021: 226 % against 132 %). Throws `provider.not-found` and
 * `provider.unreadable`.
 */
export function readKeyStatistics(answer: HttpAnswer): KeyStatistics {
  const parsed = ANSWER.safeParse(readJson(answer));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { error, result } = parsed.data.quoteSummary;
  if (error?.code === "Not Found") {
    throw new ProviderError("provider.not-found", "Yahoo does not know the symbol");
  }
  const [first] = result ?? [];
  if (first === undefined) throw unreadable(`no result (${error?.code.slice(0, 100)})`);
  return first.defaultKeyStatistics;
}

function unreadable(reason: string): ProviderError {
  return new ProviderError("provider.unreadable", `the answer has no key statistics: ${reason}`);
}
