import type { StreamedEvent } from "./event-stream.ts";
import { formatPosition } from "./position.ts";

export interface SseTiming {
  /** Silence after which a comment is sent, so that proxies keep the connection. */
  readonly heartbeatMs: number;
  /** What a client waits before it connects again. */
  readonly retryMs: number;
}

/** One event on the wire; JSON has no bare line break, so one `data:` line holds it. */
export function sseEvent({ name, position, data }: StreamedEvent): string {
  return `event: ${name}\nid: ${formatPosition(position)}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * First bytes of a stream. The bare id makes a client that loses the connection before the first
 * event come back to where it started.
 */
export function ssePreamble(position: string, { retryMs }: SseTiming): string {
  return `retry: ${retryMs}\nid: ${position}\n\n`;
}

export const SSE_HEARTBEAT = ": heartbeat\n\n";

/**
 * The events as text chunks with a heartbeat in every silence. Pulled by the socket: nothing is
 * read from the log ahead of what the client takes.
 */
export async function* withHeartbeats(
  events: AsyncGenerator<StreamedEvent>,
  preamble: string,
  { heartbeatMs }: SseTiming,
): AsyncGenerator<string> {
  yield preamble;
  let next = events.next();
  try {
    while (true) {
      const result = await orSilence(next, heartbeatMs);
      if (result === "silence") {
        yield SSE_HEARTBEAT;
        continue;
      }
      if (result.done === true) return;
      yield sseEvent(result.value);
      next = events.next();
    }
  } finally {
    await events.return(undefined);
  }
}

async function orSilence<Value>(next: Promise<Value>, ms: number): Promise<Value | "silence"> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<"silence">((resolve) => {
    timer = setTimeout(() => resolve("silence"), ms);
  });
  try {
    return await Promise.race([next, silence]);
  } finally {
    clearTimeout(timer);
  }
}
