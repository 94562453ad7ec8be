import type { ServerResponse } from "node:http";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import {
  type FailureKind,
  failTransport,
  isSpoiled,
  reply,
  type SpoiledKind,
} from "./failure-kinds.ts";
import type { MockAnswer, MockRequest } from "./mock-answer.ts";

/** How one provider answers, and what its answers look like when they say what cannot be. */
export interface MockProvider {
  readonly answer: (request: MockRequest) => MockAnswer;
  readonly spoil: (kind: SpoiledKind, good: MockAnswer, request: MockRequest) => MockAnswer;
}

/** How one request is answered out of turn. */
export type MockFailure =
  | "data"
  | FailureKind
  | { readonly status: number; readonly retryAfter?: number }
  | ((response: ServerResponse) => void);

export interface MockServer extends LocalServer {
  /** The newest requests, oldest first. */
  readonly asked: () => readonly MockRequest[];
  /** How the next requests are answered, one each; those after them get data. */
  failNext(...failures: readonly MockFailure[]): void;
  /** How all further requests are answered, those of `failNext` first; null for data. */
  failWith(failure: MockFailure | null): void;
  /** The most requests that any stretch of this length saw: what a budget promises. */
  mostWithin(windowMs: number): number;
}

/** A mock that runs for days keeps no more of what it was asked. */
const ASKED_MAX = 50_000;

/** A provider's mock on loopback. `elapsedMs` stamps what it was asked. */
export async function startMockServer(
  provider: MockProvider,
  elapsedMs: () => number = () => performance.now(),
): Promise<MockServer> {
  const pending: MockFailure[] = [];
  const asked: MockRequest[] = [];
  let standing: MockFailure | null = null;
  const server = await startServer((path, response, body) => {
    const { method = "GET", headers } = response.req;
    const url = new URL(path, "http://mock");
    const request = { method, url, headers, body, atMs: elapsedMs() };
    asked.push(request);
    if (asked.length > ASKED_MAX) asked.splice(0, ASKED_MAX / 2);
    respond(provider, request, response, pending.shift() ?? standing ?? "data");
  });
  return {
    ...server,
    asked: () => asked,
    failNext: (...failures) => {
      pending.push(...failures);
    },
    failWith: (failure) => {
      standing = failure;
    },
    mostWithin: (windowMs) => mostWithin(asked, windowMs),
  };
}

function respond(
  { answer, spoil }: MockProvider,
  request: MockRequest,
  response: ServerResponse,
  failure: MockFailure,
): void {
  if (typeof failure === "function") {
    failure(response);
    return;
  }
  if (typeof failure === "object") {
    const { status, retryAfter } = failure;
    if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
    reply(response, status, "text/html", "<html>Too many requests</html>");
    return;
  }
  const good = answer(request);
  if (failure !== "data" && !isSpoiled(failure)) {
    failTransport(failure, response, good, request);
    return;
  }
  const {
    status,
    type,
    body,
    headers = {},
  } = failure === "data" ? good : spoil(failure, good, request);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  reply(response, status, type, body);
}

/** Requests come in order of time. */
function mostWithin(asked: readonly MockRequest[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (const [last, { atMs }] of asked.entries()) {
    while ((asked[first]?.atMs ?? atMs) <= atMs - windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
