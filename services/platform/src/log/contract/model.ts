import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLogError } from "../errors.ts";
import type { Append, Commit, Lease, Log, StateChange } from "../port.ts";
import {
  expectOffsets,
  FACTS,
  type LogFactory,
  type LogFixture,
  readAll,
  SIGNALS,
} from "./fixture.ts";

const UNITS = 2;
const PARTITIONS = 2;
const TOPICS = [FACTS, SIGNALS];
const GROUP = "signals";

/** One thing a process may do to a log; `unit` is an index, so that any sequence makes sense. */
type Action =
  | { readonly type: "commit"; readonly unit: number; readonly stale: boolean; readonly work: Work }
  | { readonly type: "burst"; readonly works: readonly Work[] }
  | { readonly type: "truncate"; readonly partition: number; readonly share: number }
  | { readonly type: "reopen" };

interface Work {
  readonly appends: readonly Append[];
  readonly state: readonly StateChange[];
}

const append: fc.Arbitrary<Append> = fc.record({
  topic: fc.constantFrom(...TOPICS),
  partition: fc.nat(PARTITIONS - 1),
  key: fc.option(fc.string({ unit: "grapheme", maxLength: 8 })),
  value: fc.option(fc.uint8Array({ maxLength: 200 })),
  headers: fc.dictionary(
    fc.constantFrom("ce_id", "ce_time", "ce_type", "x", "ü"),
    fc.string({ unit: "grapheme", maxLength: 6 }),
  ),
});

const work: fc.Arbitrary<Work> = fc.record({
  appends: fc.array(append, { maxLength: 8 }),
  state: fc.array(
    fc.record({
      store: fc.constantFrom("features", "episodes"),
      key: fc.constantFrom("GME", "SPY", "é", "\ufffd", "😀"),
      value: fc.option(fc.uint8Array({ maxLength: 50 })),
    }),
    { maxLength: 5 },
  ),
});

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      unit: fc.nat(UNITS - 1),
      stale: fc.boolean(),
      work,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("burst" as const),
      works: fc.array(work, { maxLength: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("truncate" as const),
      partition: fc.nat(PARTITIONS - 1),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "reopen" as const }) },
);

const history = fc.array(action, { maxLength: 12 }).map(eachIdOnce);

/** An id names one event (`port.ts`); generated ones repeat, the shortest of all most often. */
function eachIdOnce(actions: readonly Action[]): Action[] {
  let events = 0;
  const named = ({ appends, state }: Work): Work => ({
    state,
    appends: appends.map(({ headers, ...record }) => {
      const { ce_id: id } = headers;
      const own = id === undefined ? headers : { ...headers, ce_id: `${id}#${events++}` };
      return { ...record, headers: own };
    }),
  });
  return actions.map((step) => {
    if (step.type === "commit") return { ...step, work: named(step.work) };
    return step.type === "burst" ? { ...step, works: step.works.map(named) } : step;
  });
}

export function describeAgainstModel(factory: LogFactory): void {
  describe("any sequence of commits", () => {
    it("leaves what the simplest possible log would hold", async () => {
      await fc.assert(
        fc.asyncProperty(history, async (actions) => {
          const fixture = await factory(TOPICS.map((topic) => ({ topic, partitions: PARTITIONS })));
          try {
            const model = new Model();
            let log = fixture.log;
            let leases = await acquireAll(log);
            for (const step of actions) {
              if (step.type === "reopen") {
                log = await fixture.reopen();
                leases = await acquireAll(log);
              } else {
                await perform(step, { ...fixture, log }, leases, model);
              }
              const expected = model.observe();
              expect(await observe(log, fixture.hasGaps)).toEqual(
                fixture.hasGaps === true ? withoutOffsets(expected) : expected,
              );
            }
          } finally {
            await fixture.close();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}

async function acquireAll(log: Log): Promise<Lease[]> {
  const leases: Lease[] = [];
  for (let unit = 0; unit < UNITS; unit++) leases.push(await log.acquire(GROUP, unit));
  return leases;
}

async function perform(
  step: Exclude<Action, { type: "reopen" }>,
  fixture: LogFixture,
  leases: readonly Lease[],
  model: Model,
): Promise<void> {
  const { log } = fixture;
  if (step.type === "truncate") {
    const { partition } = step;
    const at = Math.floor(step.share * model.end(FACTS, partition));
    const gone = at - model.start(FACTS, partition);
    if (gone > 0) {
      const kept = (await readAll(log, FACTS, partition))[gone];
      const offset = kept?.offset ?? (await log.endOffset(FACTS, partition));
      await log.truncateBefore(FACTS, partition, offset);
    }
    model.truncate(FACTS, partition, at);
    return;
  }
  if (step.type === "burst") {
    const expected = step.works.map(({ appends }) => model.commit({ appends }));
    const committed = await Promise.all(step.works.map(({ appends }) => log.commit({ appends })));
    for (const [index, { offsets }] of committed.entries()) {
      expectOffsets(fixture, offsets, expected[index] ?? []);
    }
    return;
  }
  const lease = leases[step.unit];
  if (lease === undefined) return;
  const commit: Commit = {
    appends: step.work.appends,
    state: step.work.state,
    positions: [{ topic: FACTS, partition: 0, next: model.end(FACTS, 0) }],
    lease: step.stale ? { ...lease, epoch: lease.epoch - 1 } : lease,
  };
  if (step.stale) {
    const error: unknown = await log.commit(commit).catch((reason: unknown) => reason);
    expect(isLogError(error, "log.fenced")).toBe(true);
  } else {
    expectOffsets(fixture, (await log.commit(commit)).offsets, model.commit(commit));
  }
}

/** Everything a log shows, in plain values. */
interface Observed {
  readonly records: Record<string, PlainRecord[]>;
  readonly starts: Record<string, number>;
  readonly positions: unknown[];
  readonly state: unknown[];
}

async function observe(log: Log, hasGaps = false): Promise<Observed> {
  const seen: Observed = { records: {}, starts: {}, positions: [], state: [] };
  for (const topic of TOPICS) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const id = `${topic}/${partition}`;
      seen.starts[id] = await log.startOffset(topic, partition);
      seen.records[id] = (await readAll(log, topic, partition, undefined, 3)).map(
        ({ offset, key, value, headers }) => plain(offset, { key, value, headers }),
      );
    }
  }
  for (let unit = 0; unit < UNITS; unit++) {
    for (const { next } of await log.positions(GROUP, unit)) seen.positions.push([unit, next]);
    for await (const { store, key, value } of log.state(GROUP, unit)) {
      seen.state.push([unit, store, key, value && [...value]]);
    }
  }
  return hasGaps ? withoutOffsets(seen) : seen;
}

/** Where offsets have gaps, records and their order are compared. */
function withoutOffsets({ records, positions, state }: Observed): Observed {
  const bare = Object.entries(records).map(([id, all]) => [
    id,
    all.map((record) => ({ ...record, offset: null })),
  ]);
  return { records: Object.fromEntries(bare), starts: {}, positions, state };
}

interface PlainRecord {
  readonly offset: number | null;
  readonly key: string | null;
  readonly value: number[] | null;
  readonly headers: [string, string][];
}

function plain(offset: number, record: Pick<Append, "key" | "value" | "headers">): PlainRecord {
  const { key, value, headers } = record;
  return { offset, key, value: value && [...value], headers: Object.entries(headers) };
}

/** The simplest possible log: arrays, and one object for each work unit. */
class Model {
  readonly #records = new Map<string, PlainRecord[]>();
  readonly #starts = new Map<string, number>();
  readonly #positions = new Map<number, number>();
  readonly #state = new Map<number, Map<string, StateChange>>();

  end(topic: string, partition: number): number {
    return this.#of(topic, partition).length;
  }

  start(topic: string, partition: number): number {
    return this.#starts.get(`${topic}/${partition}`) ?? 0;
  }

  commit({ appends, lease, positions, state }: Commit): number[] {
    if (lease !== undefined) {
      for (const { next } of positions ?? []) this.#positions.set(lease.partition, next);
      const values = this.#state.get(lease.partition) ?? new Map<string, StateChange>();
      this.#state.set(lease.partition, values);
      for (const change of state ?? []) {
        const id = `${change.store}/${change.key}`;
        if (change.value === null) values.delete(id);
        else values.set(id, change);
      }
    }
    return appends.map((record) => {
      const records = this.#of(record.topic, record.partition ?? 0);
      return records.push(plain(records.length, record)) - 1;
    });
  }

  truncate(topic: string, partition: number, offset: number): void {
    const id = `${topic}/${partition}`;
    this.#starts.set(id, Math.max(offset, this.#starts.get(id) ?? 0));
  }

  observe(): Observed {
    const seen: Observed = { records: {}, starts: {}, positions: [], state: [] };
    for (const topic of TOPICS) {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const id = `${topic}/${partition}`;
        const start = this.#starts.get(id) ?? 0;
        seen.starts[id] = start;
        seen.records[id] = this.#of(topic, partition).slice(start);
      }
    }
    for (let unit = 0; unit < UNITS; unit++) {
      const next = this.#positions.get(unit);
      if (next !== undefined) seen.positions.push([unit, next]);
      const entries = [...(this.#state.get(unit)?.values() ?? [])];
      entries.sort((a, b) => Buffer.compare(orderKey(a), orderKey(b)));
      for (const { store, key, value } of entries) {
        seen.state.push([unit, store, key, value && [...value]]);
      }
    }
    return seen;
  }

  #of(topic: string, partition: number): PlainRecord[] {
    const id = `${topic}/${partition}`;
    const records = this.#records.get(id) ?? [];
    this.#records.set(id, records);
    return records;
  }
}

/** A zero byte ends the store, so that no store is a prefix of another. */
function orderKey({ store, key }: StateChange): Buffer {
  return Buffer.from(`${store}\u0000${key}`);
}
