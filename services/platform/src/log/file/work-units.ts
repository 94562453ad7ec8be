import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { Lease, Position, StateChange } from "../port.ts";
import { checkLease, comparePositions, workUnitId } from "../work-unit.ts";
import { encodePositions, type UnitRow, unitChecksum } from "./store-rows.ts";

/** A work unit as of the last commit, or as a transaction under way will leave it. */
interface WorkUnit {
  readonly id: number;
  readonly group: string;
  readonly partition: number;
  epoch: number;
  readonly positions: Map<string, Position>;
  stateKeys: number;
  stateSum: number;
}

/**
 * Epochs, positions and keyed state of all work units. Changes are made inside the caller's
 * transaction and become visible with `publish`, after it.
 */
export class WorkUnits {
  readonly #units = new Map<string, WorkUnit>();
  readonly #staged = new Map<string, WorkUnit>();
  readonly #putUnit: StatementSync;
  readonly #stateChecksum: StatementSync;
  readonly #putState: StatementSync;
  readonly #deleteState: StatementSync;

  constructor(db: DatabaseSync, rows: readonly UnitRow[]) {
    for (const row of rows) {
      this.#units.set(workUnitId(row.group, row.partition), {
        ...row,
        positions: new Map(row.positions.map((position) => [positionId(position), position])),
      });
    }
    this.#putUnit = db.prepare("REPLACE INTO unit VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    const key = "unit = ? AND store = ? AND key = ?";
    this.#stateChecksum = db.prepare(`SELECT crc FROM state WHERE ${key}`);
    this.#putState = db.prepare("REPLACE INTO state VALUES (?, ?, ?, ?, ?)");
    this.#deleteState = db.prepare(`DELETE FROM state WHERE ${key}`);
  }

  /** Units there are, those of the transaction under way included. */
  get count(): number {
    let count = this.#units.size;
    for (const id of this.#staged.keys()) if (!this.#units.has(id)) count += 1;
    return count;
  }

  positions(group: string, partition: number): Position[] {
    const unit = this.#units.get(workUnitId(group, partition));
    return unit === undefined ? [] : [...unit.positions.values()].sort(comparePositions);
  }

  checkLease(lease: Lease): void {
    checkLease(lease, this.#units.get(workUnitId(lease.group, lease.partition))?.epoch ?? 0);
  }

  /** Stages the next epoch of a unit. */
  advanceEpoch(group: string, partition: number): number {
    const unit = this.#stage(group, partition);
    unit.epoch += 1;
    return unit.epoch;
  }

  apply(lease: Lease, positions: readonly Position[], changes: readonly StateChange[]): void {
    const unit = this.#stage(lease.group, lease.partition);
    for (const position of positions) unit.positions.set(positionId(position), position);
    for (const change of changes) this.#change(unit, change);
  }

  /** Writes the staged units, within the transaction. */
  write(): void {
    for (const unit of this.#staged.values()) {
      const { id, group, partition, epoch, stateKeys, stateSum } = unit;
      const positions = encodePositions(unit.positions.values());
      const checksum = unitChecksum(unit, positions);
      this.#putUnit.run(id, group, partition, epoch, positions, stateKeys, stateSum, checksum);
    }
  }

  /** The transaction is durable: what was staged is so. */
  publish(): void {
    for (const [id, unit] of this.#staged) this.#units.set(id, unit);
    this.#staged.clear();
  }

  #stage(group: string, partition: number): WorkUnit {
    const id = workUnitId(group, partition);
    let staged = this.#staged.get(id);
    if (staged === undefined) {
      const unit = this.#units.get(id);
      staged =
        unit === undefined
          ? { ...newUnit(this.count + 1), group, partition }
          : { ...unit, positions: new Map(unit.positions) };
      this.#staged.set(id, staged);
    }
    return staged;
  }

  #change(unit: WorkUnit, { store, key, value }: StateChange): void {
    const old = this.#stateChecksum.get(unit.id, store, key)?.crc;
    if (typeof old === "number") {
      unit.stateKeys -= 1;
      unit.stateSum = (unit.stateSum ^ old) >>> 0;
    }
    if (value === null) {
      if (old !== undefined) this.#deleteState.run(unit.id, store, key);
      return;
    }
    const checksum = stateChecksum(unit.id, store, key, value);
    this.#putState.run(unit.id, store, key, value, checksum);
    unit.stateKeys += 1;
    unit.stateSum = (unit.stateSum ^ checksum) >>> 0;
  }
}

export function stateChecksum(unit: number, store: string, key: string, value: Uint8Array): number {
  return crc32(value, crc32(`${unit}\u0000${store}\u0000${key}`));
}

function newUnit(id: number) {
  return { id, epoch: 0, positions: new Map<string, Position>(), stateKeys: 0, stateSum: 0 };
}

function positionId({ topic, partition }: Position): string {
  return `${partition}\u0000${topic}`;
}
