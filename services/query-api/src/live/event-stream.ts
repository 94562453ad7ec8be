import { nextOffset } from "@amc/platform/log/next-offset";
import type { Log, LogRecord } from "@amc/platform/log/port";
import { decodeEvent } from "@amc/schemas/codec";
import { ApiError } from "../api-error.ts";
import { eventJson, type JsonObject } from "../json/event-json.ts";
import { FEED, FEED_NAMES, type FeedName, type FeedPosition } from "./position.ts";

export interface StreamedEvent {
  readonly name: FeedName;
  /** Position after this event. */
  readonly position: FeedPosition;
  readonly data: JsonObject;
}

// A few events of a few kB each, so that a slow reader holds little memory.
const BATCH = { maxRecords: 32, maxBytes: 256 * 1024 };
/**
 * Events of a partition among which a copy is known again. A writer that crashed or was fenced may have
 * written what it derived from one batch twice, and a batch ends after 64 ticks: at most 64 runs.
 */
const REMEMBERED_EVENTS = 128;

export function feedLayout(log: Log): Readonly<Record<FeedName, number>> {
  return {
    run: log.partitions(FEED.run),
    recommendation: log.partitions(FEED.recommendation),
    alert: log.partitions(FEED.alert),
  };
}

/** Position behind the last record of every feed topic. */
export async function feedEnd(log: Log): Promise<FeedPosition> {
  const ends = async (name: FeedName): Promise<number[]> => {
    const partitions = Array.from(
      { length: log.partitions(FEED[name]) },
      (_, partition) => partition,
    );
    return Promise.all(partitions.map((partition) => log.endOffset(FEED[name], partition)));
  };
  return {
    run: await ends("run"),
    recommendation: await ends("recommendation"),
    alert: await ends("alert"),
  };
}

/** Throws `position-expired` or `invalid-position` unless the log still holds what comes next. */
export async function checkReachable(log: Log, position: FeedPosition): Promise<void> {
  for (const name of FEED_NAMES) {
    for (const [partition, offset] of position[name].entries()) {
      const start = await log.startOffset(FEED[name], partition);
      const facts = { topic: FEED[name], partition, offset };
      if (offset < start) {
        throw new ApiError(
          "position-expired",
          "load the lists again and continue from their position",
          facts,
        );
      }
      if (offset > (await log.endOffset(FEED[name], partition))) {
        throw new ApiError("invalid-position", "the log ends before this position", facts);
      }
    }
  }
}

/**
 * The feed from a position on, for ever: each event once, in the order of its partition, and
 * across partitions in the order the log took them as far as they are there. A copy of one of the last
 * 128 events of its partition is passed over, wherever the stream began; one that lies further behind
 * is sent again, with its id. Ends when `signal` aborts. Undecodable records are passed over; the
 * projector dead-letters them.
 */
export async function* eventStream(
  log: Log,
  from: FeedPosition,
  signal: AbortSignal,
): AsyncGenerator<StreamedEvent> {
  const seen = await eventsBefore(log, from);
  let position = from;
  while (!signal.aborted) {
    const records = await readAhead(log, position);
    for (const { name, record } of records) {
      position = advance(position, name, record);
      const data = eventOf(name, record);
      if (data !== null && seen.isFirst(record)) yield { name, position, data };
      if (signal.aborted) return;
    }
    if (records.length === 0) await waitForMore(log, position, signal);
  }
}

interface FeedRecord {
  readonly name: FeedName;
  readonly record: LogRecord;
}

async function readAhead(log: Log, position: FeedPosition): Promise<FeedRecord[]> {
  const batches: FeedRecord[] = [];
  for (const name of FEED_NAMES) {
    for (const [partition, offset] of position[name].entries()) {
      const records = await log.read(FEED[name], partition, offset, BATCH);
      for (const record of records) batches.push({ name, record });
    }
  }
  // A stable sort keeps the order of each partition, whose append times never go back.
  return batches.sort((a, b) => a.record.appendedAtMs - b.record.appendedAtMs);
}

function advance(position: FeedPosition, name: FeedName, record: LogRecord): FeedPosition {
  return { ...position, [name]: position[name].with(record.partition, record.offset + 1) };
}

/** What a stream holds back lies before the place where it began, too: its client may have seen that. */
async function eventsBefore(log: Log, position: FeedPosition): Promise<SeenEvents> {
  const seen = new SeenEvents();
  for (const name of FEED_NAMES) {
    for (const [partition, end] of position[name].entries()) {
      const start = await log.startOffset(FEED[name], partition);
      for (let next = Math.max(start, end - REMEMBERED_EVENTS); next < end; ) {
        const records = await log.read(FEED[name], partition, next, BATCH);
        if (records.length === 0) break;
        for (const record of records) {
          if (record.offset < end && eventOf(name, record) !== null) seen.isFirst(record);
        }
        next = nextOffset(records, next);
      }
    }
  }
  return seen;
}

/** Ids of the newest events of every partition. */
class SeenEvents {
  readonly #ids = new Map<string, Set<string>>();

  /** Whether the event is not among them; it is from now on. */
  isFirst({ topic, partition, headers: { ce_id: id = "" } }: LogRecord): boolean {
    const place = `${topic}/${partition}`;
    const ids = this.#ids.get(place) ?? new Set();
    this.#ids.set(place, ids);
    if (ids.has(id)) return false;
    ids.add(id);
    const [oldest] = ids;
    if (ids.size > REMEMBERED_EVENTS && oldest !== undefined) ids.delete(oldest);
    return true;
  }
}

/** Null for what is no event of ours. */
function eventOf(name: FeedName, { value, headers }: LogRecord): JsonObject | null {
  const id = headers.ce_id;
  if (value === null || id === undefined) return null;
  switch (name) {
    case "run": {
      const decoded = decodeEvent(FEED.run, value);
      return decoded.ok ? { id, ...eventJson("amc.discovery.Run", decoded.value) } : null;
    }
    case "recommendation": {
      const decoded = decodeEvent(FEED.recommendation, value);
      return decoded.ok
        ? { id, ...eventJson("amc.discovery.Recommendation", decoded.value) }
        : null;
    }
    case "alert": {
      const decoded = decodeEvent(FEED.alert, value);
      return decoded.ok ? { id, ...eventJson("amc.alerts.Requested", decoded.value) } : null;
    }
  }
}

/** Resolves when any feed partition has something at or past its offset, or when `signal` aborts. */
async function waitForMore(log: Log, position: FeedPosition, signal: AbortSignal): Promise<void> {
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  const waits = FEED_NAMES.flatMap((name) =>
    position[name].map((offset, partition) => log.waitFor(FEED[name], partition, offset, either)),
  );
  try {
    await Promise.race(waits);
  } finally {
    others.abort();
    await Promise.allSettled(waits);
  }
}
