import type { Dispatcher } from "undici";
import { checkTarget, type TrustedOrigins } from "./call-target.ts";
import { isProviderError, ProviderError } from "./provider-error.ts";
import { readBody } from "./read-body.ts";

/** One request as it goes out. */
export interface HttpRequest {
  readonly url: URL;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Media types the answer may have, without parameters, such as `application/json`. */
  readonly accept: readonly string[];
  /** Statuses beside 2xx that are an answer here. */
  readonly statuses?: readonly number[];
}

/** What came back in time, in size and of a type that was asked for. */
export interface HttpAnswer {
  readonly status: number;
  /** Empty for 204. */
  readonly body: Buffer;
  /** What it asks to be told with the next requests, `name=value`; none when left out. */
  readonly cookies?: readonly string[];
}

export interface ExchangeLimits {
  /** For everything together: name, connection, redirects, the last byte of the answer. */
  readonly deadlineMs: number;
  readonly maxBodyBytes: number;
  readonly trusted: TrustedOrigins;
  /** For a Retry-After that names a date, UTC ms. */
  readonly nowMs: () => number;
  /** Waits for the turn of one more request: what a redirect leads to counts as another one. */
  readonly takeTurn: () => Promise<void>;
}

const REDIRECTS_MAX = 3;
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Of an answer we only want to be rid of, so that its connection can be used again. */
const DISCARDED_BYTES_MAX = 65_536;
const COOKIES_MAX = 20;
const USER_AGENT = "amc/0.1";

/**
 * Sends one request, follows at most three redirects, each checked as the first address was, and
 * reads the answer. Throws ProviderError for everything but a 2xx of a wanted type.
 */
export async function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  limits: ExchangeLimits,
  caller?: AbortSignal,
): Promise<HttpAnswer> {
  const deadline = AbortSignal.timeout(limits.deadlineMs);
  const signal = caller === undefined ? deadline : AbortSignal.any([deadline, caller]);
  try {
    return await followed(dispatcher, request, limits, signal);
  } catch (error) {
    throw asProviderError(error, limits, { deadline, caller });
  }
}

async function followed(
  dispatcher: Dispatcher,
  request: HttpRequest,
  limits: ExchangeLimits,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  let { url } = request;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    checkTarget(url, limits.trusted);
    const response = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method ?? "GET",
      headers: headersOf(request, url),
      // A question asked elsewhere by a redirect is asked without what was only for the first place.
      body: url.origin === request.url.origin ? (request.body ?? null) : null,
      signal,
    });
    if (!REDIRECT_STATUSES.has(response.statusCode))
      return answerOf(response, request, limits, signal);
    await response.body.dump({ limit: DISCARDED_BYTES_MAX, signal });
    url = redirectTarget(response, url);
    if (redirects < REDIRECTS_MAX) await limits.takeTurn();
  }
  const message = `more than ${REDIRECTS_MAX} redirects`;
  throw new ProviderError("provider.redirect", message, { host: url.hostname });
}

function headersOf(request: HttpRequest, url: URL): Record<string, string> {
  const own = url.origin === request.url.origin ? request.headers : {};
  return {
    ...own,
    accept: request.accept.join(", "),
    "accept-encoding": "gzip",
    "user-agent": USER_AGENT,
  };
}

function redirectTarget({ headers }: Dispatcher.ResponseData, from: URL): URL {
  const location = headerOf(headers, "location");
  if (location === "" || !URL.canParse(location, from.href)) {
    throw new ProviderError("provider.redirect", "a redirect names no place", {
      host: from.hostname,
    });
  }
  const target = new URL(location, from.href);
  if (from.protocol === "https:" && target.protocol === "http:") {
    const message = "a redirect leads from an encrypted connection to one that anybody can change";
    throw new ProviderError("provider.redirect", message, { host: from.hostname });
  }
  return target;
}

async function answerOf(
  response: Dispatcher.ResponseData,
  request: HttpRequest,
  limits: ExchangeLimits,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { statusCode: status, headers, body } = response;
  if (status === 204) return { status, body: Buffer.alloc(0) };
  const isAnswer = (status >= 200 && status <= 299) || request.statuses?.includes(status) === true;
  if (!isAnswer) {
    await body.dump({ limit: DISCARDED_BYTES_MAX, signal });
    throw statusError(status, headers, limits.nowMs());
  }
  const type = headerOf(headers, "content-type").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (!request.accept.includes(type)) {
    hangUp(body);
    const message = `the answer is ${type === "" ? "of no stated type" : type.slice(0, 100)}, wanted was ${request.accept.join(" or ")}`;
    throw new ProviderError("provider.content-type", message, { status });
  }
  const encoding = headerOf(headers, "content-encoding").trim().toLowerCase();
  if (!["", "identity", "gzip", "x-gzip"].includes(encoding)) {
    hangUp(body);
    const message = `the answer is encoded as ${encoding.slice(0, 40)}, gzip was asked for`;
    throw new ProviderError("provider.content-type", message, { status });
  }
  return {
    status,
    body: await readBody(body, encoding.endsWith("gzip"), limits.maxBodyBytes, signal),
    cookies: cookiesOf(headers),
  };
}

/** Names and values alone: a session lives as long as its process at most. */
function cookiesOf(headers: Dispatcher.ResponseData["headers"]): readonly string[] {
  const given = headers["set-cookie"] ?? [];
  const cookies = typeof given === "string" ? [given] : given;
  return cookies
    .flatMap((cookie) => /^[^;\s]{1,2000}(?=;|$)/.exec(cookie) ?? [])
    .slice(0, COOKIES_MAX);
}

/** Reads no further. A body that is destroyed says so as an error, which nobody else hears. */
function hangUp(body: Dispatcher.ResponseData["body"]): void {
  body.on("error", () => body.destroy());
  body.destroy();
}

function statusError(
  status: number,
  headers: Dispatcher.ResponseData["headers"],
  nowMs: number,
): ProviderError {
  const retryAfterMs = retryAfter(headerOf(headers, "retry-after"), nowMs);
  const facts = { status, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
  const message = `the provider answers ${status}`;
  if (status === 429) return new ProviderError("provider.rate-limited", message, facts);
  if (status === 401 || status === 403)
    return new ProviderError("provider.refused", message, facts);
  if (status === 404) return new ProviderError("provider.not-found", message, facts);
  if (status >= 500) return new ProviderError("provider.unavailable", message, facts);
  return new ProviderError("provider.bad-request", message, facts);
}

/** Ms to wait by a `Retry-After` header: seconds or a date (RFC 9110 §10.2.3); null without a usable one. */
function retryAfter(header: string, nowMs: number): number | null {
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = /[A-Za-z]{3}/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

function headerOf(headers: Dispatcher.ResponseData["headers"], name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

/** Whatever a call can end with, in our codes. */
function asProviderError(
  error: unknown,
  { deadlineMs }: ExchangeLimits,
  signals: { readonly deadline: AbortSignal; readonly caller: AbortSignal | undefined },
): ProviderError {
  if (isProviderError(error)) return error;
  if (signals.caller?.aborted === true) {
    return new ProviderError("provider.aborted", "the caller gave up", {}, { cause: error });
  }
  const code = codeOf(error);
  // Refused addresses come back inside the error of the connection.
  if (error instanceof Error && isProviderError(error.cause)) return error.cause;
  if (signals.deadline.aborted || code.endsWith("_TIMEOUT")) {
    const message = `no whole answer within ${deadlineMs} ms`;
    return new ProviderError("provider.timeout", message, { reason: code }, { cause: error });
  }
  if (code.startsWith("Z_")) {
    const message = "the answer is no whole gzip stream";
    return new ProviderError("provider.unreadable", message, { reason: code }, { cause: error });
  }
  const message = `the connection failed (${code})`;
  return new ProviderError("provider.connection", message, { reason: code }, { cause: error });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
