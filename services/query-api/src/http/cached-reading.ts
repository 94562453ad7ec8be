import { isCacheError } from "@amc/platform/cache/port";
import { SWAP_OWNER } from "@amc/platform/postgres/positions";
import type { ReadingCache } from "../context.ts";
import type { Json } from "../json/event-json.ts";
import type { TablesState } from "../read-model/port.ts";
import type { Reading } from "./reading.ts";

/** Where a reading is kept, and which one it is. */
export interface ReadingPlace {
  readonly cache: ReadingCache;
  readonly key: string;
  /** Of the rows it is made of: a reading of any other version is none. */
  readonly version: string;
  readonly ttlSeconds: number;
}

interface Sourced {
  readonly reading: Reading;
  readonly source: "cache" | "postgres" | null;
}

/** A page of 50 judgements has about 35 kB; a longer one would take the room of many symbols. */
const CHARACTERS_MAX = 64 * 1024;

/** What is kept of a reading. */
interface Kept {
  readonly version: string;
  readonly data: Json;
  readonly newestMs: number;
  readonly simulated: boolean;
  readonly next: string | null;
}

/**
 * Which rows of a topic the tables hold, and in which format they are shown: equal versions of any processes
 * are equal readings, but for what a cleanup has removed. Null where nobody knows, and for tables that were
 * swapped in until a projector claims them: at every installation nobody's name is the same.
 */
export function versionOf(
  { positions }: TablesState,
  topic: string,
  format: string,
): string | null {
  const read = positions.filter((at) => at.topic === topic);
  const isClaimed = read.every(({ owner }) => owner !== null && owner !== SWAP_OWNER);
  if (read.length === 0 || !isClaimed) return null;
  const texts = read.map(({ projection, partition, next, epoch, owner }) =>
    [projection, partition, next, epoch, owner].join("/"),
  );
  return [format, ...texts.sort()].join(" ");
}

/**
 * The reading at a place, or what `read` gives, which is then kept there. A cache that is empty, slow, away
 * or holds anything else costs a reading and changes none. Fails as `read` does.
 */
export async function cachedReading(
  place: ReadingPlace | null,
  read: () => Promise<Reading>,
): Promise<Sourced> {
  if (place === null) return { reading: await read(), source: null };
  const kept = await recall(place);
  if (kept !== null) return { reading: kept, source: "cache" };
  const reading = await read();
  await keep(place, reading);
  return { reading, source: "postgres" };
}

async function recall({ cache, key, version }: ReadingPlace): Promise<Reading | null> {
  const text = await cache.get(key);
  if (text === null || text.length > CHARACTERS_MAX) return null;
  const kept = jsonOf(text);
  if (!isKept(kept) || kept.version !== version) return null;
  const { data, newestMs, simulated, next } = kept;
  return { data, newestMs, simulated, next };
}

async function keep(
  { cache, key, version, ttlSeconds }: ReadingPlace,
  { data, newestMs, simulated, next = null }: Reading,
): Promise<void> {
  // Of what nothing is known, no key: anybody may ask for symbols that do not exist.
  if (typeof data === "function" || newestMs === null) return;
  const kept: Kept = { version, data, newestMs, simulated, next };
  const text = JSON.stringify(kept);
  if (text.length > CHARACTERS_MAX) return;
  try {
    await cache.set(key, text, ttlSeconds);
  } catch (error) {
    // The cache says itself that it is away; the next reader goes to the tables, too.
    if (!isCacheError(error)) throw error;
  }
}

/** Null, which is no reading, for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isKept(json: unknown): json is Kept {
  if (typeof json !== "object" || json === null) return false;
  const { version, data, newestMs, simulated, next }: Partial<Record<keyof Kept, unknown>> = json;
  const isNext = next === null || typeof next === "string";
  const isMarked = typeof simulated === "boolean" && typeof newestMs === "number";
  return typeof version === "string" && data !== undefined && isMarked && isNext;
}
