import type { Log, StateChange } from "@amc/platform/log/port";
import { jsonCodec, readStored, storedBytes } from "@amc/streams/kernel/state-codec";
import { z } from "zod";
import type { RecordingDescription } from "../describe.ts";
import { RecordingError } from "../errors.ts";

/** How far a recording has been written; committed together with what it counts. */
const playState = z.strictObject({
  fingerprint: z.string(),
  /** Items of the merged recording that are written or passed over; a resumed play skips them. */
  items: z.int(),
  facts: z.int(),
  rejected: z.int(),
  duplicates: z.int(),
  /** Instants that have a tick. */
  ticks: z.int(),
  /** UTC ms; null before the first. */
  lastTickMs: z.number().nullable(),
  /** End of the slice whose facts are partly written and whose tick is not; null between slices. */
  openSliceMs: z.number().nullable(),
  isDone: z.boolean(),
  /** End of each partition that is written, by topic; absent in a state of an earlier version. */
  ends: z.record(z.string(), z.array(z.int())).optional(),
});

export type PlayState = z.output<typeof playState>;

const STORE = "recordings";
/** Group whose lease keeps two players from writing to one log, and under which the state is kept. */
export const PLAYER_GROUP = "ingest-recordings";
export const PLAYER_PARTITION = 0;

function initialState(fingerprint: string, ends: PlayState["ends"]): PlayState {
  return {
    fingerprint,
    ends,
    items: 0,
    facts: 0,
    rejected: 0,
    duplicates: 0,
    ticks: 0,
    lastTickMs: null,
    openSliceMs: null,
    isDone: false,
  };
}

const FORMAT = 1;
const PLAY_CODEC = jsonCodec(
  FORMAT,
  (json): json is PlayState => playState.safeParse(json).success,
);

export function stateChange(recording: string, state: PlayState): StateChange {
  return { store: STORE, key: recording, value: storedBytes(PLAY_CODEC, state) };
}

/** State of every recording that was begun in this log, by name. Throws a `StateError`. */
export async function playedRecordings(log: Log): Promise<ReadonlyMap<string, PlayState>> {
  const played = new Map<string, PlayState>();
  for await (const { store, key, value } of log.state(PLAYER_GROUP, PLAYER_PARTITION)) {
    if (store === STORE && value !== null) {
      played.set(key, readStored({ store, key }, PLAY_CODEC, value));
    }
  }
  return played;
}

/** What is asked of a recording before it is played into a log. */
export type Playable = Pick<RecordingDescription, "name" | "fingerprint" | "firstPublishedAt">;

/** State of a recording in this log, new when it was never played. Throws as `storedState`. */
export async function loadState(log: Log, recording: Playable): Promise<PlayState> {
  const stored = await storedState(log, recording);
  return stored ?? initialState(recording.fingerprint, await endsOf(log));
}

/** Where the newest recording of the log ends; nothing in a log that holds none. */
async function endsOf(log: Log): Promise<PlayState["ends"]> {
  let newest: PlayState | null = null;
  for (const state of (await playedRecordings(log)).values()) {
    if ((state.lastTickMs ?? 0) >= (newest?.lastTickMs ?? 0)) newest = state;
  }
  return newest === null ? {} : newest.ends;
}

/**
 * State that an earlier play of a recording left in this log; null without one. Throws
 * `recording.changed` when its files or manifest are not those of the play to be resumed, and
 * `recording.other-in-log` when the log holds another recording that this one does not follow in
 * time.
 */
export async function storedState(log: Log, recording: Playable): Promise<PlayState | null> {
  let own: PlayState | null = null;
  for (const [key, state] of await playedRecordings(log)) {
    if (key === recording.name) own = state;
    else refuseUnlessBefore(key, state, recording);
  }
  if (own === null || own.fingerprint === recording.fingerprint) return own;
  const message = `recording ${recording.name} was begun in this log with another manifest or other files, so it cannot be resumed; use a new data directory (--data-dir) or put the files back`;
  throw new RecordingError("recording.changed", message, { recording: recording.name });
}

/** Time in one log runs forward only: a clock that goes back would make every fact late. */
function refuseUnlessBefore(
  other: string,
  state: PlayState,
  { name: recording, firstPublishedAt }: Playable,
): void {
  const isBefore =
    state.isDone && (state.lastTickMs ?? 0) < (firstPublishedAt ?? Number.POSITIVE_INFINITY);
  if (isBefore) return;
  const message = `this log holds recording ${other}, which ${recording} does not follow in time; use a new data directory (--data-dir)`;
  throw new RecordingError("recording.other-in-log", message, { recording, other });
}
