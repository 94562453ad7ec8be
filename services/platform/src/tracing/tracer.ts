import { parseTraceparent, spanIdOf, type TraceParent } from "@amc/schemas/trace-context";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { Append, LogRecord } from "../log/port.ts";
import type { ProjectedBatch, ProjectionObserver } from "../metrics/projection-metrics.ts";
import type { RunnerObserver } from "../runtime/runner-observer.ts";
import { recordAttributes, requestAttributes } from "./attributes.ts";
import { SPAN_KIND, type Span } from "./span.ts";

/** Takes finished spans; it neither throws nor waits. */
export interface SpanExporter {
  export(span: Span): void;
}

export interface TracerOptions {
  readonly exporter: SpanExporter;
  /** Share of the traces that is recorded, 0 to 1, chosen by trace id and so alike everywhere. */
  readonly ratio: number;
  /** Ms since 1970. */
  readonly nowMs: () => number;
}

/** A request that was answered. */
export interface AnsweredRequest {
  readonly traceId: string;
  /** `traceparent` of the caller, when it sent a valid one. */
  readonly caller: TraceParent | null;
  readonly method: string;
  /** Pattern, not path. */
  readonly route: string;
  readonly status: number;
  readonly elapsedMs: number;
  /** Event that it asked for. */
  readonly eventId: string | undefined;
}

/**
 * Tells spans of what was done, after it was done: from `traceparent` headers alone, so that no stage
 * and no commit knows that anybody listens.
 */
export class Tracer {
  /** For stage runners. */
  readonly stages: RunnerObserver = {
    tracesParents: true,
    committed: ({ appends, batchMs, parents }) => this.written(appends, batchMs, parents),
  };
  /** For projections; their waits show as gaps between spans. */
  readonly projections: ProjectionObserver = {
    committed: (batch) => this.#projected(batch),
    retried: () => undefined,
  };
  readonly #options: TracerOptions;
  #requests = 0;

  constructor(options: TracerOptions) {
    this.#options = options;
  }

  /** Events that a commit wrote; facts begin their traces, the others say what they follow from. */
  written(
    appends: readonly Append[],
    elapsedMs: number,
    parents?: ReadonlyMap<string, string>,
  ): void {
    const endMs = this.#options.nowMs();
    for (const { topic, partition, key, headers } of appends) {
      const own = this.#sampled(headers.traceparent);
      if (own === null) continue;
      const refused = headers["dlq-code"];
      this.#export({
        ...own,
        // A dead letter has the headers of its record: it is one more thing that happened to it.
        ...(refused === undefined
          ? { parentSpanId: parents?.get(headers.ce_id ?? "") }
          : { spanId: derivedSpanId(topic, own.spanId), parentSpanId: own.spanId }),
        name: `${refused === undefined ? "publish" : "refuse"} ${topic}`,
        kind: SPAN_KIND.producer,
        startMs: endMs - elapsedMs,
        endMs,
        attributes: recordAttributes(topic, partition, key, headers),
        error: refused,
      });
    }
  }

  answered(request: AnsweredRequest): void {
    const { traceId, caller, method, route, status, elapsedMs, eventId } = request;
    if (!this.#isSampled(traceId)) return;
    this.#requests += 1;
    const endMs = this.#options.nowMs();
    this.#export({
      traceId,
      spanId: derivedSpanId(`${method} ${route} ${endMs}`, String(this.#requests)),
      parentSpanId: caller?.spanId,
      name: `${method} ${route}`,
      kind: SPAN_KIND.server,
      startMs: endMs - elapsedMs,
      endMs,
      attributes: requestAttributes(method, route, status, eventId),
      error: status >= 500 ? String(status) : undefined,
    });
  }

  #projected({ projection, chunks, commitMs }: ProjectedBatch): void {
    const endMs = this.#options.nowMs();
    for (const { records } of chunks) {
      for (const record of records) this.#rowVisible(projection, record, endMs, commitMs);
    }
  }

  #rowVisible(projection: string, record: LogRecord, endMs: number, commitMs: number): void {
    const { topic, partition, key, headers } = record;
    const parent = this.#sampled(headers.traceparent);
    if (parent === null) return;
    this.#export({
      traceId: parent.traceId,
      spanId: derivedSpanId(`projector/${projection}`, parent.spanId),
      parentSpanId: parent.spanId,
      name: `project ${topic}`,
      kind: SPAN_KIND.consumer,
      startMs: endMs - commitMs,
      endMs,
      attributes: {
        ...recordAttributes(topic, partition, key, headers),
        "amc.projection": projection,
      },
    });
  }

  #export(span: Span): void {
    this.#options.exporter.export(span);
  }

  #sampled(header: string | undefined): TraceParent | null {
    const own = parseTraceparent(header);
    return own !== null && this.#isSampled(own.traceId) ? own : null;
  }

  #isSampled(traceId: string): boolean {
    const { ratio } = this.#options;
    return ratio >= 1 || Number.parseInt(traceId.slice(-8), 16) < ratio * 2 ** 32;
  }
}

/** The same work done again is the same span. */
function derivedSpanId(work: string, of: string): string {
  return spanIdOf(uuidOf(`${work}/${of}`));
}
