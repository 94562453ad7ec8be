import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { parseTraceparent } from "@amc/schemas/trace-context";
import type { FastifyRequest } from "fastify";

/** Request id: the caller's trace id when it sends a `traceparent`, else a new one. */
export function newTraceId(request: IncomingMessage): string {
  const header = request.headers.traceparent;
  const parent = typeof header === "string" ? parseTraceparent(header) : null;
  return parent?.traceId ?? randomBytes(16).toString("hex");
}

export function traceIdOf(request: FastifyRequest): string {
  return request.id;
}
