/** Stable codes of calls out. Callers match the code, never the text or the class. */
export type ProviderErrorCode =
  /** The provider asks for patience: 429, or its own words for it inside a good answer. */
  | "provider.rate-limited"
  /** Our own budget has nothing left for longer than a call may wait. */
  | "provider.budget-spent"
  /** The breaker is open; nothing was sent. */
  | "provider.circuit-open"
  /** Status 5xx. */
  | "provider.unavailable"
  /** No connection, or it broke before the whole answer was here. */
  | "provider.connection"
  /** The total deadline of the call passed. */
  | "provider.timeout"
  /** 401 or 403: the key is wrong, spent or not for this. */
  | "provider.refused"
  | "provider.not-found"
  /** Any other 4xx: our request is wrong. */
  | "provider.bad-request"
  /** A content type or encoding that was not asked for, such as the HTML of a proxy. */
  | "provider.content-type"
  | "provider.body-too-large"
  /** The answers together are more than may be held: nothing is wrong with any of them. */
  | "provider.memory-limit"
  /** Too many redirects, or one without a place to go. */
  | "provider.redirect"
  /** An address that is not public, a scheme, port or user name that no provider has. */
  | "provider.address"
  /** The answer does not hold what it should: truncated, of another shape, absurd. */
  | "provider.unreadable"
  /** It was understood, and whoever answers does not want to: a model that refuses. */
  | "provider.declined"
  /** The caller gave up. */
  | "provider.aborted";

export interface ProviderErrorFacts {
  readonly provider?: string;
  readonly endpoint?: string;
  readonly status?: number;
  /** What the provider, our budget or the breaker says about when to come back, ms from now. */
  readonly retryAfterMs?: number;
  readonly [fact: string]: string | number | undefined;
}

/** A call out that gave nothing. Facts and message never hold a query, a header or a body. */
export class ProviderError extends Error {
  readonly code: ProviderErrorCode;
  readonly facts: ProviderErrorFacts;

  constructor(
    code: ProviderErrorCode,
    message: string,
    facts: ProviderErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ProviderError";
    this.code = code;
    this.facts = facts;
  }
}

export function isProviderError(error: unknown, code?: ProviderErrorCode): error is ProviderError {
  return error instanceof ProviderError && (code === undefined || error.code === code);
}

/**
 * Worth another try: the provider may answer the same question in a moment (R-ING-12). A wrong
 * request stays wrong, and a page of HTML or half an answer is not helped by asking at once again.
 */
const RETRYABLE: ReadonlySet<ProviderErrorCode> = new Set([
  "provider.rate-limited",
  "provider.unavailable",
  "provider.connection",
  "provider.timeout",
]);

/** Says something about the provider and not about the question: what a breaker counts. */
const PROVIDER_FAULTS: ReadonlySet<string> = new Set<ProviderErrorCode>([
  ...RETRYABLE,
  "provider.content-type",
  "provider.body-too-large",
  "provider.redirect",
  "provider.address",
  "provider.unreadable",
]);

export function isRetryable(error: unknown): error is ProviderError {
  return isProviderError(error) && RETRYABLE.has(error.code);
}

export function isProviderFault(error: unknown): boolean {
  return isProviderError(error) && isFaultCode(error.code);
}

/** The same of a code as calls are recorded with. */
export function isFaultCode(code: string): boolean {
  return PROVIDER_FAULTS.has(code);
}
