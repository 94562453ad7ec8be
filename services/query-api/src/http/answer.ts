import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "../api-error.ts";
import type { ApiContext } from "../context.ts";
import { type Json, timeOrNull } from "../json/event-json.ts";
import {
  COUNT,
  described,
  FLAG,
  type JsonSchema,
  nullable,
  object,
  TEXT,
  TIME,
} from "../json/json-schema.ts";
import { formatPosition } from "../live/position.ts";
import { appliedFeedPosition, type Lag } from "../live/projection-lag.ts";
import type { ProjectedPosition, ReadView, TablesState } from "../read-model/port.ts";
import { cachedReading, type ReadingPlace } from "./cached-reading.ts";
import type { PageKey } from "./cursor.ts";
import type { Reading } from "./reading.ts";

interface Answer {
  readonly data: Json;
  readonly freshness: { readonly [member: string]: Json };
  readonly position: string;
  readonly next?: string | null;
}

const FRESHNESS = object(
  {
    asOf: described(nullable(TIME), "Event time of the newest thing in the answer"),
    lagRecords: described(
      nullable(COUNT),
      "Records of the log that the tables do not reflect yet; null when stale",
    ),
    lagMs: described(
      nullable(COUNT),
      "Age of the oldest of them, 0 when there are none; null when stale",
    ),
    stale: described(
      FLAG,
      "True while the log does not answer: nobody knows how far the tables are behind it",
    ),
    simulated: described(FLAG, "True when anything in the answer rests on generated data"),
  },
  "How current the answer is",
);
const POSITION = described(TEXT, "Log position the answer reflects; `/events` continues from it");

export function answerSchema(data: JsonSchema): JsonSchema {
  return object({ data, freshness: FRESHNESS, position: POSITION });
}

export function pageSchema(data: JsonSchema): JsonSchema {
  const next = described(nullable(TEXT), "Cursor of the next page; null at the end");
  return object({ data, freshness: FRESHNESS, position: POSITION, next });
}

type Reads = (view: ReadView) => Promise<Reading>;

/**
 * An answer that takes several statements: data and position come from one snapshot, so that a
 * stream continued from it loses nothing.
 */
export async function answer(context: ApiContext, reads: Reads): Promise<Answer> {
  const [{ reading, positions }, lag] = await Promise.all([
    context.readModel.read(async (view) => {
      const positions = await view.positions();
      return { reading: await reads(view), positions };
    }),
    context.lag.known(),
  ]);
  return answerOf(context, reading, positions, lag);
}

/**
 * Sends an answer that takes one statement, or the kept one where it would be the same; 304 to whoever
 * has it. A reading that has a place in a cache is taken from there while it is that of these tables. The position is read before the data and may be behind it: a stream continued from there loses
 * nothing, and repeats what was written between the two statements.
 */
export async function sendAnswer(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  reads: Reads,
  placeIn: (tables: TablesState) => ReadingPlace | null = () => null,
): Promise<FastifyReply> {
  const [tables, lag] = await Promise.all([context.tables.read(), context.lag.known()]);
  const { body, etag, next, source } = await context.answers.answer(
    request.url,
    { tables, lag },
    async () => {
      const read = () => context.readModel.readOnce(reads);
      const { reading, source } = await cachedReading(placeIn(tables), read);
      const answered = await answerOf(context, reading, tables.positions, lag);
      return { ...written(reply.serialize(answered), answered.next), source };
    },
  );
  linkNext(reply, next);
  if (source !== null) reply.header("x-amc-source", source);
  // What is kept elsewhere is asked for again, and belongs to who had the right to ask.
  reply.header("cache-control", "private, no-cache").header("etag", etag);
  if (hasTag(request.headers["if-none-match"], etag)) return reply.code(304).send();
  return reply.type(JSON_TYPE).send(body);
}

const JSON_TYPE = "application/json; charset=utf-8";

function written(text: string | ArrayBuffer | Buffer, next: string | null | undefined) {
  const body = typeof text === "string" ? Buffer.from(text) : Buffer.from(new Uint8Array(text));
  return { body, etag: `"${hash("sha1", body, "base64url")}"`, next };
}

/** Whether `If-None-Match` names the tag (RFC 9110, 13.1.2: compared weakly). */
function hasTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((tag) => ["*", etag, `W/${etag}`].includes(tag.trim()));
}

async function answerOf(
  context: ApiContext,
  { newestMs, simulated, next, ...reading }: Reading,
  positions: readonly ProjectedPosition[],
  lag: Lag | null,
): Promise<Answer> {
  const position = formatPosition(appliedFeedPosition(context.feedLayout, positions));
  const data = typeof reading.data === "function" ? await reading.data() : reading.data;
  const freshness = {
    asOf: timeOrNull(newestMs),
    lagRecords: lag?.records ?? null,
    lagMs: lag?.ms ?? null,
    stale: lag === null,
    simulated,
  };
  return next === undefined ? { data, freshness, position } : { data, freshness, position, next };
}

/** One page out of `limit + 1` rows: the row too many only tells that there is a next page. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => PageKey,
  encode: (key: PageKey) => string,
): { readonly rows: readonly Row[]; readonly next: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: page, next: more ? encode(keyOf(last)) : null };
}

/** `Link: rel="next"` beside the member `next`, for clients that follow links (RFC 8288). */
export function linkNext(reply: FastifyReply, next: string | null | undefined): void {
  if (next === null || next === undefined) return;
  const url = new URL(reply.request.url, "http://localhost");
  url.searchParams.set("cursor", next);
  reply.header("link", `<${url.pathname}${url.search}>; rel="next"`);
}

/** An RFC 3339 instant in ms; null when absent. Throws `invalid-request` for 23:59:60 and the like. */
export function instant(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new ApiError("invalid-request", `${name} is not an instant`, { field: name });
  return ms;
}
