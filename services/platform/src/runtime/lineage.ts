import type { TopicName } from "@amc/schemas/topics";
import { parseTraceparent, traceparentOf } from "@amc/schemas/trace-context";
import type { AnyEmission, AnyEvent } from "@amc/streams/kernel/stage";
import type { Headers, LogRecord } from "../log/port.ts";

/** What is passed on from an event to what follows from it: never part of a value. */
export interface Origin {
  readonly traceparent: string;
  /** Discovery run that the event belongs to; absent before there is one. */
  readonly runId?: string | undefined;
  /** `traceparent` of what it follows from; absent where it begins the trace. */
  readonly parent?: string | undefined;
}

/** At least so many events are remembered beyond their slice: candidates wait for the other partitions. */
const REMEMBERED_MIN = 4_096;

/**
 * Which event each emission continues: the one that its value names or, where it names none, the
 * newest fact of its key in the slice. Both are decided by facts alone, so neither the number of
 * partitions nor a restart changes a header.
 */
export class Lineage {
  readonly #newestOfKey = new Map<string, LogRecord>();
  readonly #byId = new Map<string, Origin>();
  /** Headers of events that were read, by the id that others name; forgotten half by half. */
  #recalled = new Map<string, Headers>();
  #recalledBefore = new Map<string, Headers>();

  /** A fact of the running slice, in slice order. */
  sawFact(record: LogRecord): void {
    if (record.key !== null) this.#newestOfKey.set(record.key, record);
  }

  /** An event that others may name later, read from the log. */
  sawEvent(event: AnyEvent, record: LogRecord): void {
    // Most of what is read is facts, which nobody names: this is on the way of every record.
    if (!NAMED_LATER.has(event.topic)) return;
    this.#remember(event.id, record.headers);
    // A recommendation names the verdict that its candidate came from.
    if (event.topic === "discovery.candidate.v1") {
      this.#remember(event.value.verdictId, record.headers);
    }
  }

  /** The headers' part of an emission. */
  originOf(emission: AnyEmission): Origin {
    const parent = this.#parentOf(emission);
    const { id } = emission;
    const runId = "runId" in emission.value ? emission.value.runId : parent?.runId;
    const traceparent = traceparentOf(id, parent?.traceparent);
    const origin: Origin = { traceparent, runId, parent: parent?.traceparent };
    if (NAMED.has(emission.topic)) this.#byId.set(id, origin);
    return origin;
  }

  closeSlice(): void {
    this.#newestOfKey.clear();
    this.#byId.clear();
  }

  #parentOf(emission: AnyEmission): Origin | undefined {
    const named = namedBy(emission);
    if (named !== undefined) return this.#byId.get(named) ?? this.#recall(named);
    const fact = emission.key === null ? undefined : this.#newestOfKey.get(emission.key);
    return fact === undefined ? undefined : originOf(fact);
  }

  #remember(id: string, headers: Headers): void {
    this.#recalled.set(id, headers);
    if (this.#recalled.size < REMEMBERED_MIN) return;
    this.#recalledBefore = this.#recalled;
    this.#recalled = new Map();
  }

  #recall(id: string): Origin | undefined {
    const headers = this.#recalled.get(id) ?? this.#recalledBefore.get(id);
    return headers === undefined ? undefined : originOf({ headers });
  }
}

/** What emissions of the same slice name. */
const NAMED: ReadonlySet<TopicName> = new Set(["signals.features.v1", "signals.verdict.v1"]);

/** What values name that are made from a later slice or in another subtopology. */
const NAMED_LATER: ReadonlySet<TopicName> = new Set([
  ...NAMED,
  "discovery.candidate.v1",
  "discovery.recommendation.v1",
  "short.quality.v1",
]);

/** Id of the event that a value says it was made from. */
function namedBy({ topic, value }: AnyEmission): string | undefined {
  switch (topic) {
    case "signals.detection.v1":
    case "signals.verdict.v1":
      return value.featuresId;
    case "discovery.candidate.v1":
    case "discovery.recommendation.v1":
      return value.verdictId;
    case "alerts.requested.v1":
      return value.subjectId;
    default:
      return undefined;
  }
}

/** What a record passes on; one without a valid `traceparent` begins a trace of its own. */
export function originOf({ headers }: Pick<LogRecord, "headers">): Origin {
  const { traceparent: written } = headers;
  const own = written !== undefined && parseTraceparent(written) !== null;
  const traceparent = own ? written : traceparentOf(headers.ce_id ?? "");
  const runId = headers["amc-run"];
  return runId === undefined ? { traceparent } : { traceparent, runId };
}
