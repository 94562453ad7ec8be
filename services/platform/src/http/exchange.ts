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
  /** False for a question that is for this address alone: a redirect is a failure. */
  readonly followsRedirects?: boolean;
}

/** What came back in time, in size and of a type that was asked for. */
export interface HttpAnswer {
  readonly status: number;
  /** Empty for 204. */
  readonly body: Buffer;
  /** What it asks to be told with the next requests, `name=value`; none when left out. */
  readonly cookies?: readonly string[];
}

/** An answer before anybody has asked whether it is the one that was wanted. */
export interface RawAnswer {
  readonly status: number;
  /** Without parameters, in lower case; empty when none was stated. */
  readonly mediaType: string;
  /** Decoded; null when it did not come whole, or was refused and larger than is read of such. */
  readonly body: Buffer | null;
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
  /**
   * Hears what came, also of an answer that is refused, whose body is then read for it: once as soon as
   * the answer begins, and again when it is whole. Left out where answers are not kept.
   */
  readonly hear?: (answer: RawAnswer) => void;
}

type ResponseBody = Dispatcher.ResponseData["body"];

const REDIRECTS_MAX = 3;
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Of an answer we only want to be rid of, so that its connection can be used again. */
const DISCARDED_BYTES_MAX = 65_536;
/** Of such an answer that is to be kept: pages about an error are tens of kilobytes. */
const REFUSED_BYTES_MAX = 262_144;
/** Who keeps answers does not wait long for one that failed. */
const REFUSED_READ_MS = 1_000;
const ENCODINGS: ReadonlySet<string> = new Set(["", "identity", "gzip", "x-gzip"]);
const NO_BODY = Buffer.alloc(0);
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
    if (request.followsRedirects === false) throw unfollowed(url);
    url = redirectTarget(response, url);
    if (redirects < REDIRECTS_MAX) await limits.takeTurn();
  }
  const message = `more than ${REDIRECTS_MAX} redirects`;
  throw new ProviderError("provider.redirect", message, { host: url.hostname });
}

function unfollowed({ hostname }: URL): ProviderError {
  const message = "it is redirected, and what is asked is for this address alone";
  return new ProviderError("provider.redirect", message, { host: hostname });
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
  const head = headOf(response);
  const hear = (whole: Buffer | null): void =>
    limits.hear?.({ status, mediaType: head.mediaType, body: whole });
  hear(null);
  const refusal = refusalOf(head, request, limits.nowMs());
  if (refusal !== null) {
    if (limits.hear === undefined) await rid(body, refusal, signal);
    else hear(await refusedBody(response, signal));
    throw refusal;
  }
  if (status === 204) {
    hear(NO_BODY);
    return { status, body: NO_BODY };
  }
  const isGzip = head.encoding.endsWith("gzip");
  const whole = await readBody(body, isGzip, limits.maxBodyBytes, signal);
  hear(whole);
  return { status, body: whole, cookies: cookiesOf(headers) };
}

function headOf({ statusCode: status, headers }: Dispatcher.ResponseData): AnswerHead {
  return {
    status,
    mediaType: headerOf(headers, "content-type").split(";", 1)[0]?.trim().toLowerCase() ?? "",
    encoding: headerOf(headers, "content-encoding").trim().toLowerCase(),
    retryAfter: headerOf(headers, "retry-after"),
  };
}

/** Lets go of an answer that is not wanted: a page of an error is short, and anything else may not be. */
async function rid(body: ResponseBody, refusal: ProviderError, signal: AbortSignal): Promise<void> {
  if (refusal.code === "provider.content-type") hangUp(body);
  else await body.dump({ limit: DISCARDED_BYTES_MAX, signal });
}

/** What an answer that is refused says; null for one that is long, does not end in time or is broken. */
async function refusedBody(
  { headers, body }: Dispatcher.ResponseData,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const encoding = headerOf(headers, "content-encoding").trim().toLowerCase();
  if (!ENCODINGS.has(encoding)) {
    hangUp(body);
    return null;
  }
  const soon = AbortSignal.any([signal, AbortSignal.timeout(REFUSED_READ_MS)]);
  // Whoever waits for the next piece of a body hears nothing of a signal.
  soon.addEventListener("abort", () => hangUp(body), { once: true });
  return await readBody(body, encoding.endsWith("gzip"), REFUSED_BYTES_MAX, soon).catch(() => {
    hangUp(body);
    return null;
  });
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
function hangUp(body: ResponseBody): void {
  body.on("error", () => body.destroy());
  body.destroy();
}

/** What an answer says of itself before its body. */
export interface AnswerHead {
  readonly status: number;
  /** Without parameters, in lower case. */
  readonly mediaType: string;
  readonly encoding: string;
  /** As the header has it, empty without one. */
  readonly retryAfter: string;
}

/** Why an answer is not one to the request, whatever its body says; null when it may be. */
export function refusalOf(
  { status, mediaType, encoding, retryAfter: header }: AnswerHead,
  request: HttpRequest,
  nowMs: number,
): ProviderError | null {
  if (status === 204) return null;
  const isAnswer = (status >= 200 && status <= 299) || request.statuses?.includes(status) === true;
  if (!isAnswer) return statusError(status, header, nowMs);
  if (!request.accept.includes(mediaType)) {
    const type = mediaType === "" ? "of no stated type" : quotable(mediaType, "of a strange type");
    const message = `the answer is ${type}, wanted was ${request.accept.join(" or ")}`;
    return new ProviderError("provider.content-type", message, { status });
  }
  if (ENCODINGS.has(encoding)) return null;
  const message = `the answer is encoded ${quotable(`as ${encoding}`, "strangely")}, gzip was asked for`;
  return new ProviderError("provider.content-type", message, { status });
}

/** What a header says, where a terminal shows it as it is: bytes of it may move a cursor. */
function quotable(text: string, otherwise: string): string {
  return /^[\w.+/;=, -]{1,100}$/.test(text) ? text : otherwise;
}

function statusError(status: number, header: string, nowMs: number): ProviderError {
  const retryAfterMs = retryAfter(header, nowMs);
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
