import type { TopicName } from "@amc/schemas/topics";
import { parseTraceparent, traceparentOf } from "@amc/schemas/trace-context";
import type { AnyEmission, AnyEvent } from "@amc/streams/kernel/stage";
import type { LogRecord } from "../log/port.ts";

/** What is passed on from an event to what follows from it: never part of a value. */
export interface Origin {
  readonly traceparent: string;
  /** Discovery run that the event belongs to; absent before there is one. */
  readonly runId?: string | undefined;
  /** `traceparent` of what it follows from; absent where it begins the trace. */
  readonly parent?: string | undefined;
}

/** Events that are remembered beyond their slice: candidates wait for the other partitions. */
const REMEMBERED_MAX = 4_096;

/**
 * Which event each emission continues: the one that its value names or, where it names none, the
 * newest fact of its key in the slice. Both are decided by facts alone, so neither the number of
 * partitions nor a restart changes a header.
 */
export class Lineage {
  readonly #newestOfKey = new Map<string, LogRecord>();
  readonly #byId = new Map<string, Origin>();

  /** A fact of the running slice, in slice order. */
  sawFact(record: LogRecord): void {
    if (record.key !== null) this.#newestOfKey.set(record.key, record);
  }

  /** An event that others may name later, read from the log. */
  sawEvent(event: AnyEvent, record: LogRecord): void {
    const origin = originOf(record);
    this.#remember(event.id, origin);
    // A recommendation names the verdict that its candidate came from.
    if (event.topic === "discovery.candidate.v1") this.#remember(event.value.verdictId, origin);
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
    if (named !== undefined) return this.#byId.get(named);
    const fact = emission.key === null ? undefined : this.#newestOfKey.get(emission.key);
    return fact === undefined ? undefined : originOf(fact);
  }

  #remember(id: string, origin: Origin): void {
    this.#byId.set(id, origin);
    if (this.#byId.size <= REMEMBERED_MAX) return;
    for (const oldest of this.#byId.keys()) {
      this.#byId.delete(oldest);
      return;
    }
  }
}

/** What emissions of the same slice name. */
const NAMED: ReadonlySet<TopicName> = new Set(["signals.features.v1", "signals.verdict.v1"]);

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
export function originOf({ headers }: LogRecord): Origin {
  const { traceparent: written } = headers;
  const own = written !== undefined && parseTraceparent(written) !== null;
  const traceparent = own ? written : traceparentOf(headers.ce_id ?? "");
  const runId = headers["amc-run"];
  return runId === undefined ? { traceparent } : { traceparent, runId };
}
