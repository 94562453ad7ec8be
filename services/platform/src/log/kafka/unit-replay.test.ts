import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LogRecord, StateChange } from "../port.ts";
import { encodeBatch } from "./batch-encoder.ts";
import { decodeBatches } from "./batches.ts";
import type { Outgoing } from "./outgoing.ts";
import { claimRecord, droppedRecord, type Owner, stateRecord, unitRecord } from "./unit-records.ts";
import { StateReplay } from "./unit-replay.ts";

const PLACE = { topic: "state.signals", partition: 0 };
const KEYS = ["GME", "SPY"];
const NO_PRODUCER = {
  producerId: -1n,
  producerEpoch: -1,
  firstSequence: -1,
  isTransactional: false,
};

type Action =
  /** A new owner takes over. */
  | { readonly type: "acquire" }
  /** An owner, the newest (0) or a former one, commits; a cut-off commit lacks its unit record. */
  | {
      readonly type: "commit";
      readonly by: number;
      readonly isCut: boolean;
      readonly changes: readonly (readonly [key: string, text: string | null])[];
    };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ type: "acquire" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      by: fc.nat(2),
      isCut: fc.boolean(),
      changes: fc.array(
        fc.tuple(fc.constantFrom(...KEYS), fc.option(fc.string({ maxLength: 3 }))),
        { maxLength: 3 },
      ),
    }),
  },
);

/** A changelog and what a reader must see in it, kept by the simplest means. */
class Changelog {
  records: LogRecord[] = [];
  readonly state = new Map<string, string>();
  position = 0;
  /**
   * Compaction may have been over so many records: all that an `acquire` has settled and its owner has committed
   * since, up to the first that does not count.
   */
  settled = 0;
  readonly #owners: { readonly owner: Owner; readonly beginsAt: number }[] = [];
  #cut = new Set<number>();

  acquire(): void {
    const owner = { epoch: this.#owners.length + 1, id: `o${this.#owners.length}` };
    this.#append([claimRecord(PLACE, owner)]);
    const beginsAt = this.records.length;
    const replay = replayOf(this.compacted());
    const { positions } = replay.unit;
    this.#append([
      ...replay.repairs().map((change) => stateRecord(PLACE, owner, change)),
      ...replay.obsolete(owner).map((key) => droppedRecord(PLACE, owner, key)),
      unitRecord(PLACE, { owner, beginsAt, positions, outputs: [], topics: [] }),
    ]);
    this.settled = this.records.length;
    this.#owners.unshift({ owner, beginsAt });
  }

  commit({ by, isCut, changes }: Extract<Action, { type: "commit" }>): void {
    const writer = this.#owners[by];
    // Whoever was cut off writes no more: its process died, or gave the unit up.
    if (writer === undefined || this.#cut.has(writer.owner.epoch)) return;
    const { owner, beginsAt } = writer;
    const isSettled = this.settled === this.records.length;
    this.#append(changes.map(([key, text]) => stateRecord(PLACE, owner, changeOf(key, text))));
    if (isCut) {
      this.#cut.add(owner.epoch);
      return;
    }
    const next = this.position + 1;
    const positions = [{ topic: "facts", partition: 0, next }];
    this.#append([unitRecord(PLACE, { owner, beginsAt, positions, outputs: [], topics: [] })]);
    if (by !== 0) return;
    if (isSettled) this.settled = this.records.length;
    this.position = next;
    for (const [key, text] of changes) {
      if (text === null) this.state.delete(key);
      else this.state.set(key, text);
    }
  }

  /** As compaction leaves it: of what was settled, the newest record of each key. */
  compacted(): LogRecord[] {
    const newest = new Map(this.records.slice(0, this.settled).map((one) => [one.key, one.offset]));
    return this.records.filter(
      ({ key, offset }) => offset >= this.settled || newest.get(key) === offset,
    );
  }

  #append(outgoing: readonly Outgoing[]): void {
    const bodies = outgoing.map(({ body }) => body);
    const bytes = encodeBatch(bodies, NO_PRODUCER, 0);
    const { records } = decodeBatches({ ...PLACE, from: 0 }, { bytes, aborted: [] });
    for (const record of records) this.records.push({ ...record, offset: this.records.length });
  }
}

function changeOf(key: string, text: string | null): StateChange {
  return { store: "s", key, value: text === null ? null : Buffer.from(text) };
}

function replayOf(records: readonly LogRecord[]): StateReplay {
  const replay = new StateReplay();
  for (const record of records) replay.take(record);
  return replay;
}

function seen(records: readonly LogRecord[]) {
  const replay = replayOf(records);
  const state = [...replay.inOrder()].map(({ key, value }) => [key, String(value)]);
  return { state, next: replay.unit.positions[0]?.next ?? 0 };
}

describe("a changelog", () => {
  it("shows what its owners committed, whatever zombies wrote, deaths cut off and compaction took", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
        const changelog = new Changelog();
        for (const step of actions) {
          if (step.type === "acquire") changelog.acquire();
          else changelog.commit(step);
          const expected = {
            state: [...changelog.state].sort(([a], [b]) => (a < b ? -1 : 1)),
            next: changelog.position,
          };
          expect(seen(changelog.records)).toEqual(expected);
          expect(seen(changelog.compacted())).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("refuses a record that is none of its own, with its place", () => {
    const foreign = { ...PLACE, offset: 7, key: "GME", value: null, headers: {}, appendedAtMs: 0 };
    expect(() => replayOf([foreign])).toThrow(
      expect.objectContaining({
        code: "log.corrupt",
        facts: expect.objectContaining({ topic: "state.signals", partition: 0, offset: 7 }),
      }),
    );
  });
});
