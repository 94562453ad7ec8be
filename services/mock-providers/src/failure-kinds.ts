import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { MockAnswer, MockRequest } from "./mock-answer.ts";

/** Answers that come whole and of the right type and say what cannot be; each mock makes its own. */
const SPOILED_KINDS = [
  "about something else",
  "no numbers",
  "negative",
  "of the future",
  "the same time again",
] as const;
export type SpoiledKind = (typeof SPOILED_KINDS)[number];

/** Seconds that an answer with Retry-After asks for. */
const RETRY_AFTER_S = 7;
/** More than anybody reads of an answer, and a gzip stream may be many in a row. */
const BOMB_MEGABYTES = 25;
const MEGABYTE = gzipSync(Buffer.alloc(1_000_000, " "));
const BUSY_PAGE = "<html><body>We are over capacity. Please try again later.</body></html>";

type Fail = (response: ServerResponse, good: MockAnswer, request: MockRequest) => void;

/** Failures that are the same whoever fails. */
const TRANSPORT = {
  "429": (response) => reply(response, 429, "text/html", BUSY_PAGE),
  "429 with Retry-After": (response) => {
    response.setHeader("retry-after", RETRY_AFTER_S);
    reply(response, 429, "application/json", '{"message":"Too many requests"}');
  },
  "500": (response) => reply(response, 500, "application/json", '{"error":"internal"}'),
  "503 with a page": (response) => reply(response, 503, "text/html", BUSY_PAGE),
  "never begun": () => undefined,
  "begun and never gone on": (response, { type, body }) => {
    response.writeHead(200, headOf(type, { "content-length": body.length + 10_000 }));
    response.write(body.slice(0, 20));
  },
  "cut before its head": (response) => {
    response.destroy();
  },
  "shorter than its length": (response, { type, body }) => {
    response.writeHead(200, headOf(type, { "content-length": body.length + 10_000 }));
    response.write(body, () => response.destroy());
  },
  truncated: (response, { type, body }) => reply(response, 200, type, half(body)),
  "a page in its place": (response) => reply(response, 200, "text/html", BUSY_PAGE),
  "a page that says it is data": (response, { type }) => reply(response, 200, type, BUSY_PAGE),
  "nothing at all": (response, { type }) => reply(response, 200, type, ""),
  "larger than anybody reads": (response, { type }) => {
    response.setHeader("content-encoding", "gzip");
    reply(response, 200, type, Buffer.concat(new Array<Buffer>(BOMB_MEGABYTES).fill(MEGABYTE)));
  },
  "a truncated gzip stream": (response, { type, body }) => {
    response.setHeader("content-encoding", "gzip");
    const whole = gzipSync(body);
    reply(response, 200, type, whole.subarray(0, Math.floor(whole.length / 2)));
  },
  "a redirect that never ends": (response, _good, { url }) => {
    response.setHeader("location", `${url.pathname}${url.search}`);
    reply(response, 302, null, "");
  },
} as const satisfies Readonly<Record<string, Fail>>;

type TransportKind = keyof typeof TRANSPORT;
export type FailureKind = TransportKind | SpoiledKind;

const TRANSPORT_KINDS: readonly TransportKind[] = [
  "429",
  "429 with Retry-After",
  "500",
  "503 with a page",
  "never begun",
  "begun and never gone on",
  "cut before its head",
  "shorter than its length",
  "truncated",
  "a page in its place",
  "a page that says it is data",
  "nothing at all",
  "larger than anybody reads",
  "a truncated gzip stream",
  "a redirect that never ends",
];

/** The ways in which a provider fails (reliability.md F28). */
export const FAILURE_KINDS: readonly FailureKind[] = [...TRANSPORT_KINDS, ...SPOILED_KINDS];

export function isSpoiled(kind: FailureKind): kind is SpoiledKind {
  return SPOILED_KINDS.some((spoiled) => spoiled === kind);
}

/** Answers as the kind fails; `good` is what would have been said. */
export function failTransport(
  kind: TransportKind,
  response: ServerResponse,
  good: MockAnswer,
  request: MockRequest,
): void {
  TRANSPORT[kind](response, good, request);
}

export function reply(
  response: ServerResponse,
  status: number,
  type: string | null,
  body: string | Buffer,
): void {
  response.writeHead(status, headOf(type));
  response.end(body);
}

function headOf(type: string | null, more: Readonly<Record<string, number>> = {}) {
  return type === null ? more : { ...more, "content-type": type };
}

/** Cut in the middle of a figure or a name, never behind a whole line or bracket. */
function half(body: string): string {
  const cut = body.slice(0, Math.floor(body.length / 2));
  return cut.replace(/[^\w]+$/, "");
}
