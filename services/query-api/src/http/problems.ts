import { isLogError } from "@amc/platform/log/errors";
import { isConnectionLoss, isOutage } from "@amc/platform/postgres/classify";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ApiError, PROBLEMS, type ProblemCode, type ProblemFacts } from "../api-error.ts";
import { routesOf } from "../auth/authenticate.ts";
import { allowedMethods } from "./allowed-methods.ts";
import { traceIdOf } from "./trace.ts";

// A problem repeats no more than this of what the caller sent.
const MAX_ECHO = 200;
const MEDIA_TYPE = "application/problem+json; charset=utf-8";

/** RFC 9457 body; `facts` are extension members. */
function problemBody(
  code: ProblemCode,
  detail: string,
  request: FastifyRequest,
  facts: ProblemFacts = {},
) {
  return {
    ...facts,
    type: `urn:amc:problem:${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail,
    instance: pathOf(request),
    traceId: traceIdOf(request),
  };
}

/** Makes every error of the app an `application/problem+json` answer. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler(sendProblem);
}

/** Also answers what fastify refuses before any hook runs, such as a path it cannot decode. */
export function sendProblem(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { code, detail, facts } = classify(error);
  if (PROBLEMS[code].status >= 500) request.log.error({ err: error }, "request failed");
  return send(reply, code, detail, facts);
}

/** Answers what no route takes: with the methods of the path where only the method is wrong. */
export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = ""] = request.url.split("?", 1);
  const methods = allowedMethods(routesOf(request.server), path);
  if (methods.length > 0 && !methods.includes(request.method)) {
    const allow = methods.join(", ");
    return send(reply.header("allow", allow), "method-not-allowed", `use ${allow}`, {});
  }
  return send(reply, "not-found", `no route answers ${request.method} on this path`, {});
}

function send(
  reply: FastifyReply,
  code: ProblemCode,
  detail: string,
  facts: ProblemFacts,
): FastifyReply {
  if (code === "unauthenticated") {
    // Basic lets a browser ask for the key once; its user name is not looked at.
    reply.header("www-authenticate", 'Bearer realm="amc", Basic realm="amc", charset="UTF-8"');
  }
  const { status } = PROBLEMS[code];
  if (status === 503 && !reply.hasHeader("retry-after")) reply.header("retry-after", "2");
  const body = problemBody(code, detail, reply.request, facts);
  // The route's response schemas describe its data; a problem is written as it is.
  return reply.code(status).type(MEDIA_TYPE).serializer(JSON.stringify).send(body);
}

/** The path without its query, which may hold what should not be echoed. */
function pathOf(request: FastifyRequest): string {
  return (request.url.split("?", 1)[0] ?? "/").slice(0, MAX_ECHO);
}

interface Classified {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly facts: ProblemFacts;
}

/** Fastify's and the driver's own errors by their codes; whatever is unknown hides its text. */
function classify(error: FastifyError): Classified {
  if (error instanceof ApiError)
    return { code: error.code, detail: error.message, facts: error.facts };
  if (error.validation !== undefined) {
    const [first] = error.validation;
    const field = first === undefined ? null : invalidField(first);
    const facts = { field, in: error.validationContext ?? null };
    const isUnknown = first?.keyword === "additionalProperties" && field !== null;
    const detail = isUnknown ? `${field} is not a parameter of this route` : error.message;
    return { code: "invalid-request", detail, facts };
  }
  // 57014: PostgreSQL cancelled the statement at its timeout.
  if (error.code === "57014")
    return { code: "query-timeout", detail: "ask for less at once", facts: {} };
  if (isConnectionLoss(error) || isOutage(error)) {
    return { code: "unavailable", detail: "the read model does not answer", facts: {} };
  }
  if (isLogError(error, "log.unavailable")) {
    return { code: "unavailable", detail: "the log does not answer", facts: {} };
  }
  if (isLogError(error, "log.outcome-unknown")) {
    const detail = "the log did not say whether it took the change: read it before trying again";
    return { code: "unavailable", detail, facts: {} };
  }
  const status = error.statusCode ?? 500;
  const code = CODE_OF_STATUS.get(status) ?? (status < 500 ? "invalid-request" : undefined);
  if (code === undefined)
    return { code: "internal", detail: "see the log under this trace id", facts: {} };
  return { code, detail: error.message.slice(0, MAX_ECHO), facts: {} };
}

const CODE_OF_STATUS = new Map<number, ProblemCode>([
  [400, "invalid-request"],
  [404, "not-found"],
  [413, "body-too-large"],
  [414, "uri-too-long"],
  [415, "unsupported-media-type"],
  [429, "rate-limited"],
  [503, "unavailable"],
]);

function invalidField(error: {
  instancePath: string;
  params: Record<string, unknown>;
}): string | null {
  const { additionalProperty, missingProperty } = error.params;
  if (typeof additionalProperty === "string") return additionalProperty;
  if (typeof missingProperty === "string") return missingProperty;
  return error.instancePath.replace(/^\//, "") || null;
}
