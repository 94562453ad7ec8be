import type { Produced } from "@amc/streams/kernel/task";
import type { Append, LogRecord } from "../log/port.ts";
import { deadLetter } from "./dead-letter.ts";
import { Lineage } from "./lineage.ts";
import { type EncodedEmission, encoded, inLogOrder, toAppend } from "./task-output.ts";

/** What one batch will append: emissions, dead letters and what the runtime adds itself. */
export class BatchOutput {
  readonly lineage = new Lineage();
  readonly #stage: string;
  /** Of the running slice, or of the running record of an untimed subtopology. */
  #emitted: EncodedEmission[] = [];
  #appends: Append[] = [];

  /** `stage`: the name under which dead letters are written. */
  constructor(stage: string) {
    this.#stage = stage;
  }

  get appends(): readonly Append[] {
    return this.#appends;
  }

  emit(produced: Produced): void {
    this.#emitted.push(encoded(produced, this.lineage.originOf(produced.emission)));
  }

  reject(record: LogRecord, code: string, reason: string): void {
    this.#appends.push(deadLetter(record, { stage: this.#stage, code, reason }));
  }

  add(appends: readonly Append[]): void {
    this.#appends.push(...appends);
  }

  /** Gives what was emitted since the last call its place in the log; returns how much that was. */
  collect(topic: string, partition: number, offset: number): number {
    if (this.#emitted.length === 0) return 0;
    const source = `${topic}/${partition}/${offset}`;
    const emissions = inLogOrder(this.#emitted);
    this.#emitted = [];
    for (let index = 0; index < emissions.length; index += 1) {
      const one = emissions[index];
      if (one !== undefined) this.#appends.push(toAppend(one, source, index));
    }
    return emissions.length;
  }

  /** The batch was acknowledged. */
  clear(): void {
    this.#appends = [];
  }
}
