import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";

// W3C trace context: version, 16-byte trace id, 8-byte parent id, flags.
const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;
const INVALID = "0".repeat(32);

/** Request id: the caller's trace id when it sends a `traceparent`, else a new one. */
export function newTraceId(request: IncomingMessage): string {
  const header = request.headers.traceparent;
  const traceId = typeof header === "string" ? TRACEPARENT.exec(header)?.[1] : undefined;
  return traceId === undefined || traceId === INVALID ? randomBytes(16).toString("hex") : traceId;
}

export function traceIdOf(request: FastifyRequest): string {
  return request.id;
}
