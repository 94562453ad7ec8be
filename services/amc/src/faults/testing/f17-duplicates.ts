import type { Append, Log } from "@amc/platform/log/port";
import { DERIVED_TOPICS, recordsOf } from "@amc/replay/log-digests";
import { seededRandom } from "@amc/replay/seeded-random";
import type { FactSlice, SliceFactAppend } from "@amc/replay/slices";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { strikeArrivals } from "./struck-arrivals.ts";

/** Of the records that are written once more. */
const SHARE = 0.2;
/** How many records lie between a record and its copy: every order of magnitude as often. */
const DISTANCE_MAX = 10_000;
const COMMIT_RECORDS = 2_000;

export const DUPLICATES: Fault = {
  id: "F17",
  title: `one record in five again, 1 to ${DISTANCE_MAX} records later, across restarts: facts and derived`,
  invariant: "derived topics and tables as without the copies",
  control: "a source that gives each copy an id of its own",
  strikes: { full: 100_000, reduced: 2_000, control: 1 },
  run,
};

function run(scope: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(scope.seed);
  const arrive = (facts: readonly FactSlice[]) => {
    const { slices, copies } = withCopies(facts, scope.build, random);
    return { written: slices, golden: facts, strikes: copies };
  };
  return strikeArrivals({ arrive, strikeTopics: (log) => repeat(log, random) }, scope, random);
}

function distance(random: () => number): number {
  return Math.ceil(DISTANCE_MAX ** random());
}

function withCopies(
  facts: readonly FactSlice[],
  build: Build,
  random: () => number,
): { readonly slices: FactSlice[]; readonly copies: number } {
  const places = facts.flatMap((slice, index) => slice.facts.map((fact) => ({ index, fact })));
  const added = new Map<number, SliceFactAppend[]>();
  let copies = 0;
  for (const [at, { fact }] of places.entries()) {
    if (random() >= SHARE) continue;
    const later = places[at + distance(random)] ?? places.at(-1);
    if (later === undefined) continue;
    const copy = build === "sound" ? fact : underAnotherId(fact, copies);
    added.set(later.index, [...(added.get(later.index) ?? []), copy]);
    copies += 1;
  }
  const slices = facts.map((slice, index) => ({
    ...slice,
    facts: [...slice.facts, ...(added.get(index) ?? [])],
  }));
  return { slices, copies };
}

function underAnotherId(fact: SliceFactAppend, number: number): SliceFactAppend {
  const { append } = fact;
  const headers = { ...append.headers, ce_id: uuidOf(`copy/${number}`) };
  return { ...fact, append: { ...append, headers } };
}

/** Writes a share of the newest derived records again, as a writer does that got no answer. */
async function repeat(log: Log, random: () => number): Promise<number> {
  const copies: Append[] = [];
  for (const topic of DERIVED_TOPICS) {
    const newest: Append[] = [];
    for await (const { partition, key, value, headers } of recordsOf(log, topic)) {
      newest.push({ topic, partition, key, value, headers });
    }
    copies.push(...newest.slice(-DISTANCE_MAX).filter(() => random() < SHARE));
  }
  for (let from = 0; from < copies.length; from += COMMIT_RECORDS) {
    await log.commit({ appends: copies.slice(from, from + COMMIT_RECORDS) });
  }
  return copies.length;
}
