import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { AnsweredRequest } from "@amc/platform/tracing/tracer";
import { parseTraceparent, type TraceParent } from "@amc/schemas/trace-context";
import { isUuid } from "@amc/streams/kernel/ids";
import type { FastifyReply, FastifyRequest } from "fastify";

/** What a span says of a request; ids in its path are those of events. */
export function answeredRequest(
  request: FastifyRequest,
  route: string,
  { statusCode: status, elapsedTime: elapsedMs }: FastifyReply,
): AnsweredRequest {
  const { params } = request;
  const id = typeof params === "object" && params !== null && "id" in params ? params.id : null;
  return {
    traceId: traceIdOf(request),
    caller: callerOf(request.headers.traceparent),
    method: request.method,
    route,
    status,
    elapsedMs,
    eventId: typeof id === "string" && isUuid(id) ? id : undefined,
  };
}

function callerOf(header: string | readonly string[] | undefined): TraceParent | null {
  return typeof header === "string" ? parseTraceparent(header) : null;
}

/** Request id: the caller's trace id when it sends a `traceparent`, else a new one. */
export function newTraceId(request: IncomingMessage): string {
  return callerOf(request.headers.traceparent)?.traceId ?? randomBytes(16).toString("hex");
}

export function traceIdOf(request: FastifyRequest): string {
  return request.id;
}
