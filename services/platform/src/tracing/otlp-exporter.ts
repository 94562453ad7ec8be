import { setTimeout as delay } from "node:timers/promises";
import { otlpRequest, type Span } from "./span.ts";

export interface OtlpExporterOptions {
  /** Base URL of the collector; spans go to `/v1/traces` below it. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly serviceName: string;
  /** Told how spans ended: taken by the collector, or given up. */
  readonly onOutcome?: (outcome: "exported" | "dropped", spans: number) => void;
}

/** Spans that wait at most; what comes on top is dropped, because nothing may wait for a collector. */
export const QUEUED_SPANS_MAX = 8_192;
/** Spans of one request, and how long the first of them waits for others. */
const REQUEST_SPANS_MAX = 512;
const GATHER_MS = 1_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Tries of one request; between them a wait of 1 s, doubled. */
const TRIES = 3;
/** What the OTLP specification calls retryable. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** How long the end of the process waits for the last spans. */
const CLOSE_MS = 2_000;

/**
 * Sends spans to an OpenTelemetry collector over OTLP/HTTP in JSON. It never throws, never waits and
 * holds a bounded number of spans: a collector that is away costs spans and nothing else.
 */
export class OtlpExporter {
  readonly #options: OtlpExporterOptions;
  readonly #url: string;
  readonly #closing = new AbortController();
  #queue: Span[] = [];
  #sending: Promise<void> | null = null;

  constructor(options: OtlpExporterOptions) {
    this.#options = options;
    this.#url = `${options.endpoint.replace(/\/+$/, "")}/v1/traces`;
  }

  export(span: Span): void {
    if (this.#closing.signal.aborted || this.#queue.length >= QUEUED_SPANS_MAX) {
      this.#options.onOutcome?.("dropped", 1);
      return;
    }
    this.#queue.push(span);
    this.#sending ??= this.#sendAll();
  }

  /** Sends what waits, for two seconds at most, and drops the rest. */
  async close(): Promise<void> {
    this.#closing.abort();
    const late = delay(CLOSE_MS, undefined, { ref: false });
    await Promise.race([this.#sending, late]);
  }

  async #sendAll(): Promise<void> {
    await this.#pause(GATHER_MS);
    while (this.#queue.length > 0) {
      const spans = this.#queue.splice(0, REQUEST_SPANS_MAX);
      const isTaken = await this.#deliver(spans);
      this.#options.onOutcome?.(isTaken ? "exported" : "dropped", spans.length);
    }
    this.#sending = null;
  }

  /** True when the collector took the spans. */
  async #deliver(spans: readonly Span[]): Promise<boolean> {
    const body = otlpRequest(this.#options.serviceName, spans);
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#post(body);
      if (answer === "taken") return true;
      if (answer === "refused" || tries === TRIES || this.#closing.signal.aborted) return false;
      await this.#pause(GATHER_MS * 2 ** (tries - 1));
    }
  }

  async #post(body: string): Promise<"taken" | "refused" | "unavailable"> {
    const timeoutMs = this.#closing.signal.aborted ? CLOSE_MS : REQUEST_TIMEOUT_MS;
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { ...this.#options.headers, "content-type": "application/json" },
        body,
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      if (response.ok) return "taken";
      return RETRYABLE.has(response.status) ? "unavailable" : "refused";
    } catch {
      // No connection, no answer in time, half an answer: all the same to spans.
      return "unavailable";
    }
  }

  /** Cut short by `close`; keeps no process alive. */
  async #pause(ms: number): Promise<void> {
    await Promise.allSettled([delay(ms, undefined, { signal: this.#closing.signal, ref: false })]);
  }
}
