import { recordBytes } from "@amc/platform/log/commit-check";
import { type Append, type Log, MAX_RECORD_BYTES, type StateChange } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { ATTEMPT_HEADER, type DeadLetter, deadLettersOf, wholeLetter } from "./dead-letter.ts";
import {
  originKey,
  REDRIVE_GROUP,
  REDRIVE_UNIT,
  redrivenChange,
  redrivenOrigins,
} from "./redriven.ts";

export interface RedriveFilter {
  readonly topic: string;
  /** Only dead letters with this code; undefined takes all that decoding refused. */
  readonly code: string | undefined;
}

/** What became, or would become, of the dead letters that a filter takes. */
export interface RedriveCounts {
  readonly total: number;
  /** They decode now: appended again, or to be appended. */
  readonly redrivable: number;
  readonly alreadyRedriven: number;
  /** Decoding refuses them as before, by the code it gives now. */
  readonly stillRefused: Readonly<Record<string, number>>;
  /** A stage decided against them, and would again, by code; redriven only when the code is named. */
  readonly decided: Readonly<Record<string, number>>;
  /** Readable in their topic; a rebuild of the tables applies them. */
  readonly ofProjections: number;
  /** Rows of files that never became records; the file has to be mended and played again. */
  readonly rowsOfFiles: number;
}

/** Records and bytes of one commit: far below what a commit may hold, and soon done. */
const COMMIT_RECORDS = 1_000;
const COMMIT_BYTES = 8 * 1024 * 1024;
/** Codes given by decoding; all others were a stage's decision about a record it could read. */
const DECODING = /^(batch|envelope|avro|domain)\./;

/** Counts what a re-drive would do. Changes nothing and may run beside the writer. */
export async function planRedrive(log: Log, filter: RedriveFilter): Promise<RedriveCounts> {
  const tally = new Tally();
  for await (const _ of redrivable(log, filter, tally)) tally.redrivable += 1;
  return tally;
}

/**
 * Appends dead letters that can be read now to the topic and partition they came from; ticks that
 * follow cover them. What was redriven is remembered in the same commit, so that neither a crash
 * nor a repetition appends anything twice.
 */
export async function redrive(log: Log, filter: RedriveFilter): Promise<RedriveCounts> {
  const lease = await log.acquire(REDRIVE_GROUP, REDRIVE_UNIT);
  const tally = new Tally();
  let appends: Append[] = [];
  let state: StateChange[] = [];
  let bytes = 0;
  const commit = async (): Promise<void> => {
    if (appends.length === 0) return;
    await log.commit({ lease, appends, state });
    tally.redrivable += appends.length;
    appends = [];
    state = [];
    bytes = 0;
  };
  for await (const { letter, origin } of redrivable(log, filter, tally)) {
    appends.push(again(letter));
    state.push(redrivenChange(origin, letter.attempt + 1));
    bytes += letter.record.value?.length ?? 0;
    if (appends.length >= COMMIT_RECORDS || bytes >= COMMIT_BYTES) await commit();
  }
  await commit();
  return tally;
}

class Tally implements RedriveCounts {
  total = 0;
  redrivable = 0;
  alreadyRedriven = 0;
  readonly stillRefused: Record<string, number> = {};
  readonly decided: Record<string, number> = {};
  ofProjections = 0;
  rowsOfFiles = 0;
}

/** The dead letters to append again, one per refused record; the others are counted. */
async function* redrivable(
  log: Log,
  { topic, code }: RedriveFilter,
  tally: Tally,
): AsyncGenerator<{ letter: DeadLetter; origin: string }> {
  // Two stages may have refused the same record: it is wanted once.
  const taken = await redrivenOrigins(log);
  for await (const letter of deadLettersOf(log, topic)) {
    if (code !== undefined && letter.code !== code) continue;
    tally.total += 1;
    const origin = originKey(letter);
    if (origin === null) tally.rowsOfFiles += 1;
    else if (taken.has(origin)) tally.alreadyRedriven += 1;
    else {
      const whole = await wholeLetter(log, letter);
      if (whole === null) {
        count(tally.stillRefused, "record.gone");
        continue;
      }
      const refusal = refusalOf(whole);
      const isOfProjection = letter.stage.startsWith("projector.");
      if (refusal !== null) count(tally.stillRefused, refusal);
      else if (isOfProjection) tally.ofProjections += 1;
      else if (code === undefined && !DECODING.test(letter.code)) count(tally.decided, letter.code);
      else {
        taken.add(origin);
        yield { letter: whole, origin };
      }
    }
  }
}

/** The code with which decoding refuses it now; null when it can be read. */
function refusalOf(letter: DeadLetter): string | null {
  const { topic, record } = letter;
  const decoded = decodeRecord({ ...record, topic, headers: originalHeaders(letter) }, false);
  if (!decoded.ok) return decoded.code;
  // Read where it lies, another writer's may be larger than a record that is written by us.
  return recordBytes(again(letter)) > MAX_RECORD_BYTES ? "record.too-large" : null;
}

/**
 * The record as it was, but out of its writer's order: readers of derived topics drop what is not
 * past the newest source they have seen, so it names none.
 */
function again(letter: DeadLetter): Append {
  const { topic, origin, record, attempt } = letter;
  const { "amc-source": _, ...headers } = originalHeaders(letter);
  return {
    topic,
    partition: origin?.partition ?? record.partition,
    key: record.key,
    value: record.value,
    headers: { ...headers, [ATTEMPT_HEADER]: String(attempt + 1) },
  };
}

/** Without what the dead letter added; a further attempt counts on from the last. */
function originalHeaders({ record }: DeadLetter): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record.headers).filter(([name]) => !name.startsWith("dlq-")),
  );
}

function count(counts: Record<string, number>, code: string): void {
  counts[code] = (counts[code] ?? 0) + 1;
}
