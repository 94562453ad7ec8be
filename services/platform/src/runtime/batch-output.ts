import { parseTraceparent } from "@amc/schemas/trace-context";
import type { Produced } from "@amc/streams/kernel/task";
import type { Append, LogRecord } from "../log/port.ts";
import { deadLetter } from "./dead-letter.ts";
import { Lineage } from "./lineage.ts";
import { type EncodedEmission, encoded, inLogOrder, toAppend } from "./task-output.ts";

/** What one batch will append: emissions, dead letters and what the runtime adds itself. */
export class BatchOutput {
  readonly lineage = new Lineage();
  readonly #stage: string;
  readonly #parents: Map<string, string> | null;
  /** Of the running slice, or of the running record of an untimed subtopology. */
  #emitted: EncodedEmission[] = [];
  #appends: Append[] = [];
  #bytes = 0;

  /** `stage`: the name under which dead letters are written. */
  constructor(stage: string, tracesParents: boolean) {
    this.#stage = stage;
    this.#parents = tracesParents ? new Map() : null;
  }

  /** Span id of what each event follows from, by event id; empty unless parents are traced. */
  get parents(): ReadonlyMap<string, string> {
    return this.#parents ?? NO_PARENTS;
  }

  get appends(): readonly Append[] {
    return this.#appends;
  }

  /** Of the values that will be appended. */
  get bytes(): number {
    return this.#bytes;
  }

  emit(produced: Produced): void {
    const origin = this.lineage.originOf(produced.emission);
    const parent = this.#parents === null ? null : parseTraceparent(origin.parent);
    if (parent !== null) this.#parents?.set(produced.emission.id, parent.spanId);
    this.#emitted.push(encoded(produced, origin));
  }

  reject(record: LogRecord, code: string, reason: string): void {
    this.#append(deadLetter(record, { stage: this.#stage, code, reason }));
  }

  add(appends: readonly Append[]): void {
    for (const append of appends) this.#append(append);
  }

  /** Gives what was emitted since the last call its place in the log; returns how much that was. */
  collect(topic: string, partition: number, offset: number): number {
    if (this.#emitted.length === 0) return 0;
    const source = `${topic}/${partition}/${offset}`;
    const emissions = inLogOrder(this.#emitted);
    this.#emitted = [];
    for (let index = 0; index < emissions.length; index += 1) {
      const one = emissions[index];
      if (one !== undefined) this.#append(toAppend(one, source, index));
    }
    return emissions.length;
  }

  /** The batch was acknowledged. */
  clear(): void {
    this.#appends = [];
    this.#bytes = 0;
    this.#parents?.clear();
  }

  #append(append: Append): void {
    this.#appends.push(append);
    this.#bytes += append.value?.length ?? 0;
  }
}

const NO_PARENTS: ReadonlyMap<string, string> = new Map();
