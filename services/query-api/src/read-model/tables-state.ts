import type { TablesState } from "./port.ts";

/**
 * The snapshot of the server, then the positions of all projections. Two equal snapshots see the same
 * rows: a transaction that was committed in between, of whatever writer, is in one and not in the
 * other. Only a crash can repeat a snapshot, because it takes back what had not reached the disk; the
 * positions go back with it, and what a projector then writes at equal positions is equal.
 *
 * On a standby the running transactions are in the part of a snapshot (`subxip`) that its text leaves
 * out, so that equal snapshots can see different rows: `is_standby` says that equal text says nothing.
 */
export const TABLES_STATE = `
  SELECT pg_is_in_recovery() AS is_standby, concat_ws(';', pg_current_snapshot(), (
    SELECT string_agg(concat_ws(' ', projection, topic, partition, next_offset, epoch), ';')
    FROM projection_positions)) AS state, (
    SELECT string_agg(owner, ';' ORDER BY projection, partition) FROM projection_owners) AS writers`;

/** Reads what `TABLES_STATE` answers. Throws TypeError when it does not. */
export function tablesStateOf(text: string, writers: unknown): TablesState {
  const [, ...positions] = text.split(";");
  const state = { positions: positions.map(positionOf) };
  return typeof writers === "string" ? { ...state, writers } : state;
}

function positionOf(text: string) {
  const [projection, topic, partition, next] = text.split(" ");
  if (projection === undefined || topic === undefined || partition === undefined) throw no(text);
  const at = { projection, topic, partition: Number(partition), next: Number(next) };
  if (!Number.isSafeInteger(at.partition) || !Number.isSafeInteger(at.next)) throw no(text);
  return at;
}

function no(text: string): TypeError {
  return new TypeError(`${JSON.stringify(text)} is no position`);
}
