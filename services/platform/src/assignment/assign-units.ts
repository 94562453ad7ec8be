import { type Unit, unitName } from "./unit.ts";

export interface Member {
  readonly id: string;
  /** Groups whose units it can work on: an older version may not know all of them. */
  readonly groups: readonly string[];
  /** Units it works on, those it is just letting go among them. */
  readonly held: readonly Unit[];
}

/** Units of each member, by its id. */
export type Assignment = ReadonlyMap<string, readonly Unit[]>;

/**
 * Divides units among members: each group evenly (counts differ by one at most), what is left over to
 * whoever has least, and a unit moves only where evenness asks for it. A unit that moves while another
 * member holds it is assigned to nobody: its holder finds it missing, finishes the batch in hand, says
 * so by joining again, and the next division gives it away. So no batch is cut off by a hand-over.
 *
 * Depends on nothing but its arguments, members in any order; whoever leads the group comes to the same.
 */
export function assignUnits(members: readonly Member[], units: readonly Unit[]): Assignment {
  const ordered = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const shares = new Map(ordered.map(({ id }): [string, Unit[]] => [id, []]));
  const holders = holdersOf(ordered);
  for (const group of new Set(units.map((unit) => unit.group))) {
    const able = ordered.filter(({ groups }) => groups.includes(group));
    const inGroup = units.filter((unit) => unit.group === group);
    for (const [id, share] of divide(able, inGroup, { holders, shares })) {
      shares.get(id)?.push(...share);
    }
  }
  return new Map([...shares].map(([id, share]) => [id, share.filter(isFreeFor(id, holders))]));
}

type Holders = ReadonlyMap<string, string>;

/** Who holds a unit. Of two who say so one is a zombie: it will be fenced, whichever it is. */
function holdersOf(members: readonly Member[]): Holders {
  const holders = new Map<string, string>();
  for (const { id, held } of members) {
    for (const unit of held) holders.set(unitName(unit), id);
  }
  return holders;
}

function isFreeFor(id: string, holders: Holders): (unit: Unit) => boolean {
  return (unit) => (holders.get(unitName(unit)) ?? id) === id;
}

interface Standing {
  readonly holders: Holders;
  /** What was divided so far, of other groups. */
  readonly shares: ReadonlyMap<string, readonly Unit[]>;
}

function divide(
  able: readonly Member[],
  units: readonly Unit[],
  { holders, shares }: Standing,
): Map<string, Unit[]> {
  const divided = new Map(able.map(({ id }): [string, Unit[]] => [id, []]));
  if (able.length === 0) return divided;
  const heldBy = (id: string) => units.filter((unit) => holders.get(unitName(unit)) === id);
  const quotas = quotasOf(able, units.length, (id) => ({
    held: heldBy(id).length,
    others: shares.get(id)?.length ?? 0,
  }));
  for (const [id, quota] of quotas) divided.get(id)?.push(...heldBy(id).slice(0, quota));
  const taken = new Set([...divided.values()].flat().map(unitName));
  const free = units.filter((unit) => !taken.has(unitName(unit)));
  for (const [id, quota] of quotas) {
    const share = divided.get(id) ?? [];
    share.push(...free.splice(0, quota - share.length));
  }
  return divided;
}

/** How many units each gets. One more than others: who holds more already, then who has least else. */
function quotasOf(
  able: readonly Member[],
  units: number,
  standingOf: (id: string) => { readonly held: number; readonly others: number },
): [string, number][] {
  const even = Math.floor(units / able.length);
  const standing = able.map(({ id }) => ({ id, ...standingOf(id) }));
  const byClaim = standing.toSorted(
    (a, b) => Number(b.held > even) - Number(a.held > even) || a.others - b.others,
  );
  return byClaim.map(({ id }, rank) => [id, even + (rank < units % able.length ? 1 : 0)]);
}
