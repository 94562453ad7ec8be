import { STORABLE_KEYS } from "../config/provider-variables.ts";
import type { Variables } from "../config/variables.ts";
import type { HttpRequest } from "./exchange.ts";

/** Shorter than that is a word that a body has by chance, such as the key of a mock. */
const SECRET_CHARACTERS_MIN = 5;
/**
 * Of a feed anybody may have put a key anywhere in the address. Words of a path have no digits among their
 * letters and no capitals inside; what has, and is this long, may be one.
 */
const FEED_KEY_CHARACTERS_MIN = 10;
const LIKE_A_KEY = /\d.*[A-Za-z]|[A-Za-z].*\d|[a-z].*[A-Z].*[a-z].*[A-Z]/s;
/** Words of a parameter's name, as `api_key`, `apiKey` and `X-Amz-Signature` have them. */
const SECRET_WORDS: ReadonlySet<string> = new Set([
  ...["key", "apikey", "token", "crumb", "secret", "signature", "sig", "password", "passwd"],
  ...["auth", "session", "sid", "accesskey", "accesstoken", "authtoken", "sessionid"],
]);
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
    isSecretName(name) ? [value] : [],
  );
  return [...values, ...named, ...(provider === "rss" ? secretsOfFeed(url) : [])];
}

function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => SECRET_WORDS.has(word));
}

/** Parts that may be keys, and with one of them the whole address, which a feed repeats as its own. */
function secretsOfFeed(url: URL): readonly string[] {
  const values = [...url.searchParams.values(), ...url.pathname.split("/")];
  const parts = values.flatMap((value) => [value, ...value.split(/[.=:,;~]+/)]);
  const keys = parts.filter(
    (part) => part.length >= FEED_KEY_CHARACTERS_MIN && LIKE_A_KEY.test(part),
  );
  if (keys.length === 0) return [];
  const { href, search, pathname } = url;
  const whole = [href, pathname + search].flatMap((text) => [text, text.replaceAll("&", "&amp;")]);
  return [...new Set([...whole, ...keys])];
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
