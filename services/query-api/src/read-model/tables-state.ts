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
    SELECT string_agg(concat_ws(' ', projection, topic, partition, next_offset, position.epoch, owner), ';')
    FROM projection_positions AS position
    LEFT JOIN projection_owners USING (projection, partition))) AS state`;

/** Reads what `TABLES_STATE` answers. Throws TypeError when it does not. */
export function tablesStateOf(text: string): TablesState {
  const [, ...positions] = text.split(";");
  return { positions: positions.map(positionOf) };
}

function positionOf(text: string) {
  const [projection, topic, partition, next, epoch, owner = null] = text.split(" ");
  if (projection === undefined || topic === undefined || partition === undefined) throw no(text);
  const numbers = { partition: Number(partition), next: Number(next), epoch: Number(epoch) };
  if (!Object.values(numbers).every(Number.isSafeInteger)) throw no(text);
  return { projection, topic, ...numbers, owner };
}

function no(text: string): TypeError {
  return new TypeError(`${JSON.stringify(text)} is no position`);
}
