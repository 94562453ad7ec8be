import type { Change, Fate } from "./disk.ts";

/** What disks write at once: the old and the new sector size. */
const SECTOR_BYTES = [512, 4_096] as const;
const BEYOND = ["nothing", "zeros", "noise"] as const;
/** Single changes are lost or kept alone among so many of the newest; older ones by chance. */
const NEWEST = 24;

/**
 * What a power loss may do to the changes that are not synced, `count` of the ways, chosen by
 * `random`; always among them that everything was kept, and that everything was lost.
 */
export function chosenFates(
  pending: readonly Change[],
  random: () => number,
  count: number,
): (readonly Fate[])[] {
  const kept = pending.map((): Fate => "kept");
  if (pending.length === 0) return [kept];
  const chosen: (readonly Fate[])[] = [kept, pending.map((): Fate => "lost")];
  const ways = [...orderlyFates(pending, random)];
  while (chosen.length < count) {
    // Half in good order but for one thing, half in any mixture.
    const way = random() < 0.5 ? ways[Math.floor(random() * ways.length)] : undefined;
    chosen.push(way ?? mixture(pending, random));
  }
  return chosen;
}

/** One change torn, missing or alone; one file ahead of the others or behind them. */
function* orderlyFates(
  pending: readonly Change[],
  random: () => number,
): Generator<readonly Fate[]> {
  const first = Math.max(0, pending.length - NEWEST);
  for (let index = first; index < pending.length; index++) {
    const only = (fate: Fate, others: Fate): Fate[] =>
      pending.map((_, other) => (other === index ? fate : others));
    yield only("lost", "kept");
    yield only("kept", "lost");
    yield only(torn(random), "kept");
    yield pending.map((_, other) =>
      other < index ? "kept" : other === index ? torn(random) : "lost",
    );
  }
  for (const subject of new Set(pending.map(subjectOf))) {
    yield pending.map((change) => (subjectOf(change) === subject ? "kept" : "lost"));
    yield pending.map((change) => (subjectOf(change) === subject ? "lost" : "kept"));
  }
}

function mixture(pending: readonly Change[], random: () => number): Fate[] {
  const keptShare = random();
  const tornShare = random() / 2;
  return pending.map((change) => {
    if (change.kind === "write" && random() < tornShare) return torn(random);
    return random() < keptShare ? "kept" : "lost";
  });
}

function torn(random: () => number): Fate {
  const keptShare = random();
  const kept = new Map<number, boolean>();
  return {
    sectorBytes: SECTOR_BYTES[Math.floor(random() * SECTOR_BYTES.length)] ?? 512,
    beyond: BEYOND[Math.floor(random() * BEYOND.length)] ?? "nothing",
    noise: () => Math.floor(random() * 256),
    keeps: (sector) => {
      const keeps = kept.get(sector) ?? random() < keptShare;
      kept.set(sector, keeps);
      return keeps;
    },
  };
}

function subjectOf(change: Change): number {
  return change.kind === "entries" ? -1 : change.node.id;
}
