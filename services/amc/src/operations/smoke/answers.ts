/** What a system answered to one request. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** How a system is asked. */
export interface Target {
  /** Scheme, host and port, perhaps a path before the API's own, without a slash at the end. */
  readonly base: string;
  /** API key; null where none is asked for. */
  readonly key: string | null;
  /** Longest wait for one answer, ms. */
  readonly deadlineMs: number;
}

/** Enough for any page that is asked for here; a stream is left as soon as it has said this much. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * GETs a path and reads its body until it ends or `isEnough`. Fails as fetch does, with `TimeoutError`
 * after the deadline; a redirect is an error, because it leads to another system.
 */
export async function ask(
  { base, key, deadlineMs }: Target,
  path: string,
  isEnough: (body: string) => boolean = () => false,
): Promise<Answer> {
  const response = await fetch(`${base}${path}`, {
    headers: key === null ? {} : { authorization: `Bearer ${key}` },
    redirect: "error",
    signal: AbortSignal.timeout(deadlineMs),
  });
  let body = "";
  // Leaving the loop cancels what is still to come.
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    body += text;
    if (isEnough(body) || body.length > MOST_BYTES) break;
  }
  return { status: response.status, body };
}

/** What went wrong, in a few words: the innermost cause says more than "fetch failed". */
export function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  return error.cause === undefined ? error.message : failureOf(error.cause);
}
