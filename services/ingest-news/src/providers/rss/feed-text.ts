import type { HttpAnswer } from "@amc/platform/http/exchange";
import { ProviderError } from "@amc/platform/http/provider-error";

/** Real feeds have some hundred kilobytes; the client caps what comes at 5 MB. */
const BYTES_MAX = 2_000_000;
/** Labels of an XML declaration that we read; UTF-16 and all others are refused. */
const ENCODINGS: Readonly<Record<string, string>> = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  "us-ascii": "utf-8",
  "iso-8859-1": "windows-1252",
  "windows-1252": "windows-1252",
};
/** A declaration stands at the very beginning and is ASCII in every encoding we read. */
const DECLARATION_BYTES_MAX = 200;

/**
 * The text of a feed, in the encoding that it states. Throws `provider.unreadable` for one that is too
 * large, of another encoding, or not what it states.
 */
export function feedText({ body }: Pick<HttpAnswer, "body">): string {
  if (body.length > BYTES_MAX) throw unreadableFeed(`it has more than ${BYTES_MAX} bytes`);
  const head = body.toString("latin1", 0, DECLARATION_BYTES_MAX);
  const stated = /^(?:ï»¿)?\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w-]+)["']/.exec(head)?.[1];
  const encoding = ENCODINGS[(stated ?? "utf-8").toLowerCase()];
  if (encoding === undefined) throw unreadableFeed("its encoding is not read here");
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body);
  } catch (error) {
    throw unreadableFeed("it is not in the encoding that it states", error);
  }
}

export function unreadableFeed(reason: string, cause?: unknown): ProviderError {
  return new ProviderError(
    "provider.unreadable",
    `the answer is no feed: ${reason}`,
    {},
    { cause },
  );
}
