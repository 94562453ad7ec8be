/**
 * Every problem this API can answer, by stable code. The problem `type` is `urn:amc:problem:<code>`;
 * clients match the type, never the text. `/docs` lists this table.
 */
export const PROBLEMS = {
  "invalid-request": { status: 400, title: "The request is not valid" },
  "invalid-cursor": {
    status: 400,
    title: "The cursor is not one of ours, or belongs to another query",
  },
  "invalid-position": { status: 400, title: "The position does not belong to this log" },
  unauthenticated: { status: 401, title: "A valid API key is needed" },
  forbidden: { status: 403, title: "The API key lacks the scope this needs" },
  "not-found": { status: 404, title: "Nothing is here" },
  "method-not-allowed": { status: 405, title: "The path does not take this method" },
  "no-tick": { status: 409, title: "The log has no clock tick that a setting could follow" },
  refused: { status: 409, title: "The setting cannot follow what is decided already" },
  "position-expired": { status: 410, title: "Retention has removed what the position points to" },
  "body-too-large": { status: 413, title: "The request body is too large" },
  "uri-too-long": { status: 414, title: "The path or a part of it is too long" },
  "unsupported-media-type": { status: 415, title: "The content type is not accepted" },
  "misdirected-request": { status: 421, title: "This host name is not served here" },
  "rate-limited": { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "The server failed to answer" },
  unavailable: { status: 503, title: "A dependency does not answer" },
  "query-timeout": { status: 503, title: "The query took too long and was cancelled" },
  "too-many-streams": { status: 503, title: "All event streams are taken" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

export type ProblemFacts = Readonly<Record<string, string | number | boolean | null>>;

/** An expected failure with the problem it is answered with; `facts` become members of the body. */
export class ApiError extends Error {
  readonly code: ProblemCode;
  readonly statusCode: number;
  readonly facts: ProblemFacts;

  constructor(code: ProblemCode, detail: string, facts: ProblemFacts = {}, options?: ErrorOptions) {
    super(detail, options);
    this.name = "ApiError";
    this.code = code;
    this.statusCode = PROBLEMS[code].status;
    this.facts = facts;
  }
}

/** The configuration cannot be served with; the process ends with exit code 78 (`EX_CONFIG`). */
export class ApiConfigError extends Error {
  readonly code: "api.config" | "api.keys-required";
  /** Names of settings, never their values. */
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: ApiConfigError["code"],
    message: string,
    facts: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ApiConfigError";
    this.code = code;
    this.facts = facts;
  }
}

/** The API cannot listen where it is configured to; the process ends with 69 (`EX_UNAVAILABLE`). */
export class ApiListenError extends Error {
  readonly code = "api.cannot-listen";
  /** `reason` is the code of the system, such as EADDRINUSE. */
  readonly facts: { readonly host: string; readonly port: number; readonly reason: string };

  constructor(message: string, facts: ApiListenError["facts"], options?: ErrorOptions) {
    super(message, options);
    this.name = "ApiListenError";
    this.facts = facts;
  }
}
