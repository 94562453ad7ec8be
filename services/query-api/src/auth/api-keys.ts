import { createHash, timingSafeEqual } from "node:crypto";
import { ApiConfigError } from "../api-error.ts";

/** `read`: market data and decisions; `monitor`: health and metrics; `control`: operators' settings. */
export const SCOPES = ["read", "monitor", "control"] as const;
export type Scope = (typeof SCOPES)[number];

/** A key as it is configured: its secret is known only by digest. */
export interface ApiKey {
  /** Public prefix that names the key in logs, 4 to 32 of `a-z0-9-`. */
  readonly id: string;
  /** Whom it was given to; a client has at most two live keys, so that one can replace the other. */
  readonly client: string;
  /** SHA-256 of the whole key text. */
  readonly digest: Buffer;
  readonly scopes: ReadonlySet<Scope>;
  /** First instant at which it is refused, ms since 1970. */
  readonly expiresAtMs: number;
}

export interface Principal {
  readonly keyId: string;
  readonly client: string;
  readonly scopes: ReadonlySet<Scope>;
}

const MAX_LIVE_KEYS_PER_CLIENT = 2;
const KEY_TEXT = /^amc_([a-z0-9-]{4,32})_[A-Za-z0-9_-]{43}$/;

/** Digest under which a key `amc_<id>_<43 characters of base64url, 256 random bits>` is configured. */
export function digestOf(keyText: string): Buffer {
  return createHash("sha256").update(keyText, "utf8").digest();
}

/**
 * Reads `AMC_API_KEYS`: a JSON array of `{ id, client, sha256, scopes, expiresAt }`, the digest in
 * hex and the expiry in RFC 3339. Throws `api.config` naming the entry, never a value.
 */
export function parseApiKeys(json: string, nowMs: number): readonly ApiKey[] {
  let entries: unknown;
  try {
    entries = JSON.parse(json);
  } catch (cause) {
    throw new ApiConfigError(
      "api.config",
      "AMC_API_KEYS is not JSON",
      { variable: "AMC_API_KEYS" },
      { cause },
    );
  }
  if (!Array.isArray(entries)) throw invalid("a JSON array is expected", -1);
  const keys = entries.map(parseEntry);
  if (new Set(keys.map((key) => key.id)).size !== keys.length)
    throw invalid("two keys share an id", -1);
  for (const { client } of keys) {
    const live = keys.filter((key) => key.client === client && key.expiresAtMs > nowMs).length;
    if (live > MAX_LIVE_KEYS_PER_CLIENT)
      throw invalid(`client ${client} has more than two live keys`, -1);
  }
  return keys;
}

/** The key a presented text names, when its digest is the right one and it has not expired. */
export function verify(
  keys: readonly ApiKey[],
  presented: string,
  nowMs: number,
): Principal | null {
  const id = KEY_TEXT.exec(presented)?.[1];
  const key = keys.find((candidate) => candidate.id === id);
  // An unknown id costs the same hash and comparison as a wrong secret.
  const matches = timingSafeEqual(digestOf(presented), key?.digest ?? NO_DIGEST);
  if (key === undefined || !matches || key.expiresAtMs <= nowMs) return null;
  return { keyId: key.id, client: key.client, scopes: key.scopes };
}

const NO_DIGEST = Buffer.alloc(32);

function parseEntry(entry: unknown, index: number): ApiKey {
  if (!isRecord(entry)) throw invalid("an object is expected", index);
  const { id, client, sha256, scopes, expiresAt } = entry;
  if (typeof id !== "string" || !/^[a-z0-9-]{4,32}$/.test(id)) throw invalid("id", index);
  if (typeof client !== "string" || client.length === 0 || client.length > 64)
    throw invalid("client", index);
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/i.test(sha256)) throw invalid("sha256", index);
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every(isScope))
    throw invalid("scopes", index);
  const expiresAtMs = instantOf(expiresAt);
  if (!Number.isFinite(expiresAtMs)) {
    throw invalid("expiresAt takes a date, a time and a zone, 2026-06-01T00:00:00Z", index);
  }
  return { id, client, digest: Buffer.from(sha256, "hex"), scopes: new Set(scopes), expiresAtMs };
}

/** RFC 3339, with its zone: without one, a key would expire when the machine's own zone says so. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

function instantOf(text: unknown): number {
  return typeof text === "string" && INSTANT.test(text) ? Date.parse(text) : Number.NaN;
}

function isScope(value: unknown): value is Scope {
  return SCOPES.some((scope) => scope === value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(what: string, index: number): ApiConfigError {
  const where = index < 0 ? "AMC_API_KEYS" : `AMC_API_KEYS[${index}]`;
  return new ApiConfigError("api.config", `${where} is not valid: ${what}`, {
    variable: "AMC_API_KEYS",
    index,
  });
}
