import type { DatabaseSync } from "node:sqlite";
import type { Position } from "../port.ts";
import { corrupt } from "./failure.ts";
import { type Row, RowReader, rowChecksum } from "./row.ts";

export interface HeadRow {
  /** Group commits so far. */
  readonly seq: number;
  /** Append time of the last one; the clock of the log never goes back behind it. */
  readonly appendedAtMs: number;
  readonly partitions: number;
  readonly units: number;
}

export interface PartitionRow {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export interface UnitRow {
  readonly id: number;
  readonly group: string;
  readonly partition: number;
  readonly epoch: number;
  readonly positions: readonly Position[];
  /** Number of keys, and XOR of the checksums, of the unit's keyed state. */
  readonly stateKeys: number;
  readonly stateSum: number;
}

/** The small tables of a store, each row checked against its checksum. */
export class StoreRows {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #read: RowReader;

  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
    this.#read = new RowReader(path);
  }

  head(): HeadRow {
    const row = this.#db.prepare("SELECT * FROM head").get();
    if (row === undefined) throw corrupt(this.#path, "it has no head");
    const head: HeadRow = {
      seq: this.#read.integer(row, "seq"),
      appendedAtMs: this.#read.integer(row, "appended_at_ms"),
      partitions: this.#read.integer(row, "partitions"),
      units: this.#read.integer(row, "units"),
    };
    this.#check(row, headChecksum(head), "head");
    return head;
  }

  /** All partitions in order of id, which is the order of creation. */
  partitions(): PartitionRow[] {
    return this.#db
      .prepare("SELECT * FROM partition ORDER BY id")
      .all()
      .map((row) => this.#partition(row));
  }

  partition(id: number): PartitionRow {
    const row = this.#db.prepare("SELECT * FROM partition WHERE id = ?").get(id);
    if (row === undefined) throw corrupt(this.#path, `partition ${id} is missing`);
    return this.#partition(row);
  }

  units(): UnitRow[] {
    return this.#db
      .prepare("SELECT * FROM unit ORDER BY id")
      .all()
      .map((row) => this.#unit(row));
  }

  unit(group: string, partition: number): UnitRow | undefined {
    return this.units().find((unit) => unit.group === group && unit.partition === partition);
  }

  #partition(row: Row): PartitionRow {
    const partition: PartitionRow = {
      id: this.#read.integer(row, "id"),
      topic: this.#read.text(row, "topic"),
      partition: this.#read.integer(row, "number"),
      start: this.#read.integer(row, "start_offset"),
      end: this.#read.integer(row, "end_offset"),
    };
    this.#check(row, partitionChecksum(partition), `partition ${partition.id}`);
    return partition;
  }

  #unit(row: Row): UnitRow {
    const positions = this.#read.text(row, "positions");
    const fields = {
      id: this.#read.integer(row, "id"),
      group: this.#read.text(row, "name"),
      partition: this.#read.integer(row, "number"),
      epoch: this.#read.integer(row, "epoch"),
      stateKeys: this.#read.integer(row, "state_keys"),
      stateSum: this.#read.integer(row, "state_sum"),
    };
    this.#check(row, unitChecksum(fields, positions), `work unit ${fields.id}`);
    return { ...fields, positions: decodePositions(positions) };
  }

  #check(row: Row, expected: number, what: string): void {
    if (this.#read.integer(row, "crc") !== expected) {
      throw corrupt(this.#path, `the checksum of its ${what} does not match`);
    }
  }
}

export function headChecksum({ seq, appendedAtMs, partitions, units }: HeadRow): number {
  return rowChecksum("head", seq, appendedAtMs, partitions, units);
}

export function partitionChecksum({ id, topic, partition, start, end }: PartitionRow): number {
  return rowChecksum("partition", id, topic, partition, start, end);
}

export function unitChecksum(unit: Omit<UnitRow, "positions">, positions: string): number {
  const { id, group, partition, epoch, stateKeys, stateSum } = unit;
  return rowChecksum("unit", id, group, partition, epoch, stateKeys, stateSum, positions);
}

/** Tab-separated lines: topic, partition, next. Topic names hold neither tab nor line break. */
export function encodePositions(positions: Iterable<Position>): string {
  return Array.from(positions, (p) => `${p.topic}\t${p.partition}\t${p.next}`).join("\n");
}

function decodePositions(text: string): Position[] {
  if (text === "") return [];
  return text.split("\n").map((line) => {
    const [topic = "", partition, next] = line.split("\t");
    return { topic, partition: Number(partition), next: Number(next) };
  });
}
