import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { ANSWER_TOPIC, BODY_ENCODING } from "@amc/platform/http/answer-records";
import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import type { ProviderAnswer } from "@amc/schemas/generated/events";

/** A part of a body, by where it lies: bodies stay in the log until they are read. */
interface PartPlace {
  readonly partition: number;
  readonly offset: number;
}

/** An answer that is in the log, without its body. */
export interface KeptAnswer {
  readonly head: Omit<ProviderAnswer, "body" | "part">;
  readonly asked: Readonly<Record<string, string>>;
  readonly places: readonly PartPlace[];
}

export interface AnswerRange {
  /** UTC ms at which they were asked. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Null for every provider. */
  readonly provider: string | null;
}

/** Why a body that should be there is not; the hash tells, whatever became of the records. */
export class KeptBodyError extends Error {
  readonly code = "answer.damaged";
}

/** A body is 20 MB at most when it comes; what unpacks to more was not written here. */
const BODY_BYTES_MAX = 64_000_000;
const ONE_RECORD = { maxRecords: 1, maxBytes: 1 };
const unpack = promisify(gunzip);

/** What providers answered in a range, in the order of the answers. A part that is gone takes its answer with it. */
export async function keptAnswers(log: Log, range: AnswerRange): Promise<readonly KeptAnswer[]> {
  // A log of before there was such a topic has none.
  if (!log.topics().some(({ topic }) => topic === ANSWER_TOPIC)) return [];
  const parts = new Map<string, { head: KeptAnswer["head"]; places: PartPlace[] }>();
  const sinceMs = Number.isFinite(range.fromMs) ? range.fromMs : 0;
  for await (const { value, partition, offset } of recordsSince(log, ANSWER_TOPIC, sinceMs)) {
    const decoded = value === null ? null : decodeEvent(ANSWER_TOPIC, value);
    if (decoded?.ok !== true || !isWanted(decoded.value, range)) continue;
    const { body: _body, part, ...head } = decoded.value;
    const known = parts.get(head.callId) ?? { head, places: [] };
    known.places[part - 1] = { partition, offset };
    parts.set(head.callId, known);
  }
  return [...parts.values()]
    .filter(({ head, places }) => Object.keys(places).length === head.parts)
    .map(({ head, places }) => ({ head, places, asked: askedOf(head) }))
    .sort((one, other) => one.head.answeredAt - other.head.answeredAt);
}

function isWanted({ provider, happenedAt }: ProviderAnswer, range: AnswerRange): boolean {
  const { fromMs, toMs } = range;
  const isOfProvider = range.provider === null || range.provider === provider;
  return isOfProvider && happenedAt >= fromMs && happenedAt <= toMs;
}

function askedOf({ parameters }: Pick<ProviderAnswer, "parameters">): KeptAnswer["asked"] {
  return Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
}

/** The whole body as it came; null where none is kept. Throws KeptBodyError for one that is not what was kept. */
export async function bodyOf(log: Log, { head, places }: KeptAnswer): Promise<Buffer | null> {
  if (head.encoding === null) return null;
  if (head.encoding !== BODY_ENCODING) {
    throw new KeptBodyError(`an answer is kept as ${head.encoding}, known is ${BODY_ENCODING}`);
  }
  const texts: string[] = [];
  for (const { partition, offset } of places) {
    const [record] = await log.read(ANSWER_TOPIC, partition, offset, ONE_RECORD);
    const decoded = decodeEvent(ANSWER_TOPIC, record?.value ?? new Uint8Array());
    texts.push(decoded.ok ? (decoded.value.body ?? "") : "");
  }
  const packed = Buffer.from(texts.join(""), "base64");
  const body = await unpack(packed, { maxOutputLength: BODY_BYTES_MAX }).catch((cause: unknown) => {
    throw new KeptBodyError(`the answer of call ${head.callId} does not unpack`, { cause });
  });
  const sha256 = createHash("sha256").update(body).digest("hex");
  if (sha256 === head.sha256) return body;
  throw new KeptBodyError(
    `the answer of call ${head.callId} has another hash than when it was kept`,
  );
}
