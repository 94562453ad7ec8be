import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";

/** Place after which the next page starts: the sort key of the last row and its id. */
export interface PageKey {
  /** Sort key, ms since 1970. */
  readonly atMs: number;
  /** Event id of the row, which makes the order total. */
  readonly id: string;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// Instants that both Date and timestamptz can hold.
const LAST_INSTANT_MS = 8.64e15;
const VERSION = 1;

/**
 * Writes and reads the opaque cursors of one list. A cursor names the list and its filters by hash:
 * one made for another query is refused instead of skipping rows in silence. It grants nothing, so
 * it is validated rather than signed.
 */
export function cursorsOf(list: string, filters: Readonly<Record<string, unknown>>) {
  const query = createHash("sha256")
    .update(list + JSON.stringify(filters))
    .digest("base64url")
    .slice(0, 8);

  function encode({ atMs, id }: PageKey): string {
    return Buffer.from(JSON.stringify([VERSION, query, atMs, id])).toString("base64url");
  }

  /** Throws `invalid-cursor`. */
  function decode(text: string | undefined): PageKey | null {
    if (text === undefined) return null;
    const key = parse(text);
    // Only what `encode` writes is a cursor: no other spelling of the same place.
    if (key === null || encode(key) !== text) {
      throw new ApiError("invalid-cursor", "start again without a cursor");
    }
    return key;
  }

  return { encode, decode };
}

function parse(text: string): PageKey | null {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (!Array.isArray(parts)) return null;
  const [, , atMs, id]: unknown[] = parts;
  if (typeof atMs !== "number" || !Number.isSafeInteger(atMs) || Math.abs(atMs) > LAST_INSTANT_MS)
    return null;
  if (typeof id !== "string" || !ID.test(id)) return null;
  return { atMs, id };
}
