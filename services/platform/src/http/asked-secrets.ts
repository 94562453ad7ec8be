import { STORABLE_KEYS } from "../config/provider-variables.ts";
import type { Variables } from "../config/variables.ts";
import type { HttpRequest } from "./exchange.ts";

/** Shorter than that is a word that a body has by chance, such as the key of a mock. */
const SECRET_CHARACTERS_MIN = 5;
/** Of a feed anybody may have put a key anywhere in the address; nothing else there is so long and so plain. */
const FEED_KEY = /^[\w-]{16,}$/;
const SECRET_PARAMETER = /key|token|crumb|secret|signature|password|auth|session/i;
/** Headers that say what a question is and not who asks it. */
const PLAIN_HEADERS: ReadonlySet<string> = new Set(["content-type", "accept"]);

/** Keys of providers that a configuration has. */
export function configuredSecrets(variables: Variables): readonly string[] {
  return STORABLE_KEYS.flatMap((name) => variables[name] ?? []);
}

/**
 * What a provider could repeat and nobody may read in its answer: what the headers of the question say of
 * whoever asks, parameters whose names say that they are keys, and of a feed whatever looks like one.
 */
export function secretsOf(provider: string, { url, headers = {} }: HttpRequest): readonly string[] {
  const values = Object.entries(headers).flatMap(([name, value]) =>
    PLAIN_HEADERS.has(name.toLowerCase()) ? [] : [value, ...wordsOf(value)],
  );
  const named = [...url.searchParams].flatMap(([name, value]) =>
    SECRET_PARAMETER.test(name) || (provider === "rss" && FEED_KEY.test(value)) ? [value] : [],
  );
  const path =
    provider === "rss" ? url.pathname.split("/").filter((part) => FEED_KEY.test(part)) : [];
  return [...values, ...named, ...path];
}

/** `Bearer abc` is repeated as abc, `A3=xyz; A1=uvw` as xyz and uvw. */
function wordsOf(header: string): readonly string[] {
  return header
    .split(/[\s;]+/)
    .filter((word) => !/^(bearer|basic)$/i.test(word))
    .flatMap((word) => [word, word.slice(word.indexOf("=") + 1)]);
}

/** The body without the secrets, and whether there were some; longest first, because one may hold another. */
export function withoutSecrets(
  body: Buffer,
  secrets: readonly string[],
): { readonly body: Buffer; readonly redacted: boolean } {
  const written = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const found = [...new Set(written)]
    .filter((secret) => secret.length >= SECRET_CHARACTERS_MIN && body.includes(secret))
    .sort((one, other) => other.length - one.length);
  if (found.length === 0) return { body, redacted: false };
  // Latin-1 gives every byte back as it was.
  let text = body.toString("latin1");
  for (const secret of found) {
    text = text.replaceAll(Buffer.from(secret).toString("latin1"), "[redacted]");
  }
  return { body: Buffer.from(text, "latin1"), redacted: true };
}
