import type { Json } from "../json/event-json.ts";
import type { Stored } from "../read-model/port.ts";
import { pageOf } from "./answer.ts";
import type { PageKey } from "./cursor.ts";
import type { Reading } from "./reading.ts";

/** What every event in a list says about itself. */
interface Listed {
  /** UTC ms. */
  readonly happenedAt: number;
  readonly simulated: boolean;
}

/**
 * One page of events out of `limit + 1`, which came newest first: as new as its first, simulated where one
 * of them is.
 */
export function pageOfEvents<Row extends Stored<Listed>>(
  stored: readonly Row[],
  limit: number,
  encode: (key: PageKey) => string,
  toJson: (row: Row) => Json,
): Reading {
  const { rows, next } = pageOf(
    stored,
    limit,
    ({ id, event }) => ({ atMs: event.happenedAt, id }),
    encode,
  );
  return {
    data: rows.map(toJson),
    newestMs: rows[0]?.event.happenedAt ?? null,
    simulated: rows.some(({ event }) => event.simulated),
    next,
  };
}
