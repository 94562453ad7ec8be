import type { Outgoing } from "./outgoing.ts";
import type { WorkUnit } from "./unit.ts";

/** What is written at once, as far as the mode of delivery goes. */
export interface Batch {
  /** Units that commit; empty for a producer without a group. */
  readonly units: readonly WorkUnit[];
  readonly outputs: readonly Outgoing[];
  /** Changelog records of the units, asked for when the offsets of the outputs are known. */
  readonly changelog: (outputOffsets: readonly number[]) => readonly Outgoing[];
}

export interface Delivered {
  /** Offset of each output. */
  readonly outputs: readonly number[];
  /** Offset of each changelog record. */
  readonly changelog: readonly number[];
}

/** How records get into the log: the two modes of delivery differ in nothing else. */
export interface Delivery {
  /** Whether offsets of one writer follow each other without gaps. */
  readonly isDense: boolean;
  /** Whether outputs may be in the log without their commit, and have to be looked for. */
  readonly needsMarks: boolean;
  /** Fences whoever wrote for the unit before, as far as brokers can. */
  begin(unit: WorkUnit): Promise<void>;
  /** Writes to the changelog of one unit; the offset of the last record. */
  append(unit: WorkUnit, records: readonly Outgoing[]): Promise<number>;
  /** Throws `log.outcome-unknown` when nobody can say what became of it. */
  write(batch: Batch): Promise<Delivered>;
  close(): Promise<void>;
}
