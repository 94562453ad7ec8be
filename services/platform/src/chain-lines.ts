import { isTopicName, TOPICS, type TopicName } from "@amc/schemas/topics";
import { parseTraceparent } from "@amc/schemas/trace-context";
import type { Append, LogRecord } from "./log/port.ts";
import type { ProjectionObserver } from "./metrics/projection-metrics.ts";
import type { RunnerObserver } from "./runtime/runner-observer.ts";

/** The part of a pino logger that is used here: facts first, then what happened. */
export interface LineLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** A few events per slot, each worth a line in every process that it passes. */
const TOLD: ReadonlySet<string> = new Set([
  "discovery.run.v1",
  "discovery.recommendation.v1",
  "alerts.requested.v1",
  "alerts.delivery.v1",
] satisfies TopicName[]);

type Told = Pick<LogRecord, "topic" | "key" | "headers">;

/**
 * One log line per decision and process, at level info, with the ids by which the lines of all
 * processes are found together: of the run, of the trace, of the event, and the symbol. Dead letters
 * are told at level warn, one line per commit and code.
 */
export class ChainLines {
  readonly stages: RunnerObserver = {
    committed: ({ subtopology, appends, counts }) => {
      this.#tell(subtopology, appends, "published");
      if (counts.deadLettered > 0) this.#tellDeadLetters(subtopology, appends);
    },
  };
  readonly projections: ProjectionObserver = {
    committed: ({ projection, chunks }) => {
      const part = `projector/${projection}`;
      for (const { records } of chunks) this.#tell(part, records, "row visible");
    },
    // Retries are told by the projector itself, with their cause.
    retried: () => undefined,
  };
  readonly #logger: LineLogger;

  constructor(logger: LineLogger) {
    this.#logger = logger;
  }

  /** Events that `part` has committed. */
  written(part: string, appends: readonly Append[]): void {
    this.#tell(part, appends, "published");
    this.#tellDeadLetters(part, appends);
  }

  #tell(part: string, events: readonly Told[], what: string): void {
    for (const event of events) {
      if (TOLD.has(event.topic)) this.#logger.info(factsOf(part, event), what);
    }
  }

  #tellDeadLetters(part: string, appends: readonly Append[]): void {
    const byCode = new Map<string, { readonly first: Append; records: number }>();
    for (const append of appends) {
      const code = append.headers["dlq-code"];
      if (code === undefined) continue;
      const told = byCode.get(code);
      if (told === undefined) byCode.set(code, { first: append, records: 1 });
      else told.records += 1;
    }
    for (const [code, { first, records }] of byCode) {
      const { headers } = first;
      const at = `${headers["dlq-topic"]}/${headers["dlq-partition"]}/${headers["dlq-offset"]}`;
      const facts = { ...factsOf(part, first), code, records, first: at };
      this.#logger.warn(facts, "dead-lettered");
    }
  }
}

function factsOf(part: string, { topic, key, headers }: Told) {
  return {
    part,
    topic,
    eventId: headers.ce_id,
    traceId: parseTraceparent(headers.traceparent)?.traceId,
    runId: headers["amc-run"],
    symbol: isTopicName(topic) && TOPICS[topic].key === "symbol" ? key : undefined,
  };
}
