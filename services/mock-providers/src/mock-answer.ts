/** What a mock is asked. */
export interface MockRequest {
  readonly method: string;
  /** With query; the host is the mock's. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** Ms of the clock that the mock was given. */
  readonly atMs: number;
}

/** What it answers. */
export interface MockAnswer {
  readonly status: number;
  /** Content type; null for an answer without a body. */
  readonly type: string | null;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function jsonAnswer(json: unknown, status = 200): MockAnswer {
  return { status, type: "application/json", body: JSON.stringify(json) };
}

/** As servers answer for what they do not have. */
export const NOT_FOUND: MockAnswer = {
  status: 404,
  type: "text/html",
  body: "<html><body>Not Found</body></html>",
};
