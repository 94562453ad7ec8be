import { describe, expect, it } from "vitest";
import { LogError } from "../errors.ts";
import type { StateChange } from "../port.ts";
import { KnownCluster } from "../testing/known-cluster.ts";
import { encodeBatch } from "./batch-encoder.ts";
import type { Delivered, Delivery } from "./delivery.ts";
import type { FetchedPartition, FetchPlace } from "./fetch.ts";
import type { Outgoing } from "./outgoing.ts";
import { PartitionReader } from "./reader.ts";
import type { Restored } from "./unit.ts";
import { claimRecord, type Owner, stateRecord, unitRecord } from "./unit-records.ts";
import { WorkUnits } from "./work-units.ts";

const GROUP = "signals";
const PLACE = { topic: `state.${GROUP}`, partition: 0 };
const FORMER: Owner = { epoch: 1, id: "former" };
const NO_PRODUCER = {
  producerId: -1n,
  producerEpoch: -1,
  firstSequence: -1,
  isTransactional: false,
};

/** The changelog of one unit, and everything that reaches it. */
class Changelog extends KnownCluster implements Delivery {
  readonly isDense = true;
  readonly needsMarks = true;
  readonly #records: Outgoing[] = [];
  /** Offsets that fetches have asked from. */
  readonly fetched: number[] = [];
  /** Claims that were begun: with transactions each fences whoever holds the unit. */
  begun = 0;
  /** Records that an answer holds at most, and the fetch that fails. */
  perFetch = Number.POSITIVE_INFINITY;
  failing = -1;
  /** Told of every fetch, before it is answered. */
  onFetch: (() => void) | null = null;
  /** What somebody else does before the next time that a topic of outputs is asked for its end. */
  meanwhile: (() => Promise<void>) | null = null;
  /** Written by somebody else between the first reading and the claim. */
  beforeClaim: readonly Outgoing[] = [];

  put(...records: readonly Outgoing[]): number {
    this.#records.push(...records);
    return this.#records.length - 1;
  }

  async begin(): Promise<void> {
    this.begun += 1;
  }
  async append(_unit: unknown, records: readonly Outgoing[]): Promise<number> {
    return this.put(...records);
  }
  async write(): Promise<Delivered> {
    throw new Error("nobody commits here");
  }

  override async topicId(topic: string): Promise<string> {
    this.put(...this.beforeClaim);
    this.beforeClaim = [];
    return super.topicId(topic);
  }

  override async partitionCount(): Promise<number> {
    return 1;
  }

  override async endOffset(topic?: string): Promise<number> {
    if (topic === PLACE.topic) return this.#records.length;
    const { meanwhile } = this;
    this.meanwhile = null;
    await meanwhile?.();
    return 0;
  }

  async fetch(_: unknown, [place]: readonly FetchPlace[]): Promise<FetchedPartition[]> {
    if (place === undefined) return [];
    this.onFetch?.();
    if (this.fetched.push(place.from) === this.failing)
      throw new LogError("log.refused", "not now");
    const bodies = this.#records.slice(0, place.from + this.perFetch).map(({ body }) => body);
    const records = encodeBatch(bodies, NO_PRODUCER, 0);
    const lastStableOffset = this.#records.length;
    const { topic, partition } = place;
    return [
      { place, answer: { topicId: topic, partition, lastStableOffset, aborted: [], records } },
    ];
  }
}

function change(key: string, text: string): StateChange {
  return { store: "s", key, value: Buffer.from(text) };
}

/** A unit with a former owner, whose last commit is whole. */
function unitOfFormerOwner() {
  const changelog = new Changelog();
  const outputs = [{ topic: "out", partition: 0, from: 0 }];
  const topics = [{ topic: "out", id: "id of out" }];
  changelog.put(
    claimRecord(PLACE, FORMER),
    stateRecord(PLACE, FORMER, change("GME", "counts")),
    unitRecord(PLACE, { owner: FORMER, beginsAt: 1, positions: [], outputs, topics }),
  );
  const fetch = changelog.fetch.bind(changelog);
  const reader = new PartitionReader(changelog, "", { fetch });
  const restored: Restored[] = [];
  const units = new WorkUnits({
    ...{ cluster: changelog, reader, delivery: changelog, prefix: "" },
    onRestored: (one) => restored.push(one),
  });
  const acquire = (signal?: AbortSignal) =>
    units.acquire(GROUP, 0, (_unit, task) => task(), signal);
  const state = async () =>
    Array.from(await units.state(GROUP, 0), ({ key, value }) => `${key}=${String(value)}`);
  return { changelog, units, acquire, state, restored };
}

describe("acquiring a work unit", () => {
  it("reads what is there before its claim, then only what came since", async () => {
    const { changelog, acquire, state, restored } = unitOfFormerOwner();
    expect(await acquire()).toEqual({ group: GROUP, partition: 0, epoch: 2 });
    // The claim is at 3; behind it come a dropped claim, a dropped commit and the settled unit.
    expect(changelog.fetched).toEqual([0, 3, 4]);
    expect(restored).toMatchObject([{ group: GROUP, partition: 0, records: 4 }]);
    expect(await state()).toEqual(["GME=counts"]);
    expect(restored).toHaveLength(1);
  });

  it("writes again what a cut-off commit lies on, although that came after the first reading", async () => {
    const { changelog, acquire, state } = unitOfFormerOwner();
    changelog.beforeClaim = [stateRecord(PLACE, FORMER, change("GME", "cut off"))];
    await acquire();
    expect(await state()).toEqual(["GME=counts"]);
    // Behind the claim at 4: the value that counts, what is dropped, and the settled unit.
    expect(await changelog.endOffset(PLACE.topic)).toBe(9);
  });

  it("tries again when another claim came before it held the unit, and its positions were asked for", async () => {
    const { changelog, units, acquire } = unitOfFormerOwner();
    changelog.meanwhile = async () => {
      changelog.put(claimRecord(PLACE, { epoch: 3, id: "other" }));
      await units.positions(GROUP, 0);
    };
    expect(await acquire()).toMatchObject({ epoch: 4 });
  });

  it("tries again when a zombie wrote behind it and somebody asked for positions", async () => {
    const { changelog, units, acquire, state } = unitOfFormerOwner();
    changelog.meanwhile = async () => {
      changelog.put(stateRecord(PLACE, FORMER, change("GME", "zombie")));
      await units.positions(GROUP, 0);
    };
    expect(await acquire()).toMatchObject({ epoch: 3 });
    expect(await state()).toEqual(["GME=counts"]);
  });

  it("goes one after the other for one unit, and each is a lease of its own", async () => {
    const { units, acquire } = unitOfFormerOwner();
    const [first, second] = await Promise.all([acquire(), acquire()]);
    expect([first?.epoch, second?.epoch]).toEqual([2, 3]);
    expect(() => units.ofLease({ group: GROUP, partition: 0, epoch: 2 })).toThrow("not held");
    expect(units.ofLease({ group: GROUP, partition: 0, epoch: 3 }).held.owner.epoch).toBe(3);
  });
});

describe("acquiring a work unit that is let go meanwhile", () => {
  const REASON = new Error("the unit is let go");

  it("stops in the middle of the changelog, and claims nothing", async () => {
    const { changelog, acquire } = unitOfFormerOwner();
    const stop = new AbortController();
    changelog.perFetch = 1;
    changelog.onFetch = () => {
      if (changelog.fetched.length === 1) stop.abort(REASON);
    };
    await expect(acquire(stop.signal)).rejects.toBe(REASON);
    expect(changelog.fetched).toEqual([0, 1]);
    expect(await changelog.endOffset(PLACE.topic)).toBe(3);
  });

  it("claims nothing when it waits for its turn", async () => {
    const { changelog, units } = unitOfFormerOwner();
    const stop = new AbortController();
    let turns = 0;
    const acquiring = units.acquire(
      GROUP,
      0,
      (_unit, task) => {
        turns += 1;
        if (turns === 2) stop.abort(REASON);
        return task();
      },
      stop.signal,
    );
    await expect(acquiring).rejects.toBe(REASON);
    expect([turns, changelog.begun]).toEqual([2, 0]);
    expect(await changelog.endOffset(PLACE.topic)).toBe(3);
  });

  it("claims nothing when it was frozen for so long that the timer which says so is overdue", async () => {
    const { changelog, acquire } = unitOfFormerOwner();
    const stop = new AbortController();
    changelog.onFetch = () => {
      if (changelog.fetched.length > 0) return;
      setTimeout(() => stop.abort(REASON), 1);
      // The whole process stands still, as with SIGSTOP; the answer comes before the timer has its turn.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    };
    await expect(acquire(stop.signal)).rejects.toBe(REASON);
    expect(changelog.begun).toBe(0);
  });

  it("writes nothing behind its claim, and whoever comes next has all that was committed", async () => {
    const { changelog, acquire, state } = unitOfFormerOwner();
    const stop = new AbortController();
    changelog.onFetch = () => {
      if (changelog.begun === 1) stop.abort(REASON);
    };
    await expect(acquire(stop.signal)).rejects.toBe(REASON);
    expect(await changelog.endOffset(PLACE.topic)).toBe(4);
    expect(await acquire()).toMatchObject({ epoch: 3 });
    expect(await state()).toEqual(["GME=counts"]);
  });

  it("does not try again when others keep taking the unit over", async () => {
    const { changelog, acquire } = unitOfFormerOwner();
    const stop = new AbortController();
    changelog.meanwhile = async () => {
      changelog.put(claimRecord(PLACE, { epoch: 3, id: "other" }));
      stop.abort(REASON);
    };
    await expect(acquire(stop.signal)).rejects.toBe(REASON);
    expect(changelog.begun).toBe(1);
  });

  it("does not begin when it had to wait for another acquiring, whose lease stays", async () => {
    const { units, acquire } = unitOfFormerOwner();
    const stop = new AbortController();
    const first = acquire();
    const second = acquire(stop.signal);
    stop.abort(REASON);
    await expect(second).rejects.toBe(REASON);
    expect(units.ofLease(await first).held.owner.epoch).toBe(2);
  });
});

describe("asking for the positions of a work unit", () => {
  it("goes on where a reading of the changelog failed", async () => {
    const { changelog, units } = unitOfFormerOwner();
    changelog.perFetch = 2;
    changelog.failing = 2;
    await expect(units.positions(GROUP, 0)).rejects.toMatchObject({ code: "log.refused" });
    expect(await units.positions(GROUP, 0)).toEqual([]);
    expect(changelog.fetched).toEqual([0, 2, 2]);
    expect(units.of(GROUP, 0).replay.owner).toEqual(FORMER);
  });
});
