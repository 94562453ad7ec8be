import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { LogError } from "../errors.ts";
import type { Committed } from "../port.ts";
import { KnownCluster } from "../testing/known-cluster.ts";
import { CommitGroups } from "./commit-group.ts";
import type { Batch, Delivered, Delivery } from "./delivery.ts";
import { toOutgoing } from "./outgoing.ts";
import { PartitionReader } from "./reader.ts";
import type { HeldUnit } from "./unit.ts";
import { WorkUnits } from "./work-units.ts";
import { WrittenOutputs } from "./written-outputs.ts";

const TOPIC = "facts";
const GROUP = "signals";

/** Transactions of several units side by side; the test says which offset each is given, and when. */
class SideBySide implements Delivery {
  readonly isDense = false;
  readonly needsMarks = false;
  /** Gives the output of a write its offset, in the order of the writes. */
  readonly answers: ((offset: number) => void)[] = [];
  #changes = 0;

  async begin(): Promise<void> {}
  async close(): Promise<void> {}
  async append(): Promise<number> {
    this.#changes += 1;
    return this.#changes;
  }

  write({ changelog }: Batch): Promise<Delivered> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.answers.push(resolve);
    return promise.then((offset) => {
      const changes = changelog([offset]).map(() => {
        this.#changes += 1;
        return this.#changes;
      });
      return { outputs: [offset], changelog: changes };
    });
  }
}

function heldUnit(id: string): HeldUnit {
  return {
    owner: { epoch: 1, id },
    beginsAt: 0,
    positions: new Map(),
    outputs: new Map(),
    topicIds: new Map(),
    written: new WrittenOutputs(),
    lastOffset: -1,
    confirmedMs: 0,
    isDisturbed: false,
  };
}

/** Two units that are owned here and append to one partition of one topic. */
function twoUnits() {
  const cluster = new KnownCluster();
  const delivery = new SideBySide();
  const reader = new PartitionReader(cluster, "");
  const units = new WorkUnits({
    ...{ cluster, reader, delivery, prefix: "" },
    onRestored: () => undefined,
  });
  for (const partition of [0, 1]) units.of(GROUP, partition).held = heldUnit(`${partition}`);
  const ends: number[] = [];
  const onAppended = (_topic: string, _partition: number, end: number) => ends.push(end);
  const groups = new CommitGroups({ cluster, units, delivery, prefix: "", onAppended });
  const append = async (unit: number): Promise<Committed> => {
    const { promise, resolve, reject } = Promise.withResolvers<Committed>();
    const lease = { group: GROUP, partition: unit, epoch: 1 };
    const record = { key: "GME", value: Buffer.from("output"), headers: {} };
    const outgoing = toOutgoing(TOPIC, 0, record);
    const appends = [{ outgoing, topic: TOPIC, offset: undefined }];
    await Promise.all([
      groups.write([{ lease, appends, positions: [], state: [], bytes: 0, resolve, reject }]),
      promise,
    ]);
    return promise;
  };
  const answer = async (write: number, offset: number): Promise<void> => {
    while (delivery.answers[write] === undefined) await turn();
    delivery.answers[write](offset);
  };
  return { append, answer, ends, cluster, delivery, groups, units };
}

describe("commits of two units that append to one partition at the same time", () => {
  it("both count when the later offset becomes known first, and readers never hear of less", async () => {
    const { append, answer, ends } = twoUnits();
    const [first, second] = [append(0), append(1)];
    await answer(1, 7);
    expect(await second).toEqual({ offsets: [7] });
    await answer(0, 5);
    expect(await first).toEqual({ offsets: [5] });
    expect(ends).toEqual([8, 8]);
  });

  it("end the unit whose own offsets go back, because the topic is another one", async () => {
    const { append, answer } = twoUnits();
    const before = append(0);
    await answer(0, 7);
    await before;
    const after = append(0).catch((error: unknown) => error);
    await answer(1, 0);
    expect(await after).toMatchObject({
      code: "log.topic-replaced",
      facts: { topic: TOPIC, readTo: 8, end: 1 },
    });
  });
});

describe("a commit that nothing was written of, because brokers are away", () => {
  it("says of a lease that it is gone, and lets a commit without one be tried again", async () => {
    const { append, groups, cluster, units } = twoUnits();
    const away = new LogError("log.unavailable", "no broker answers");
    cluster.topicId = () => Promise.reject(away);
    const leased = await append(0).catch((error: unknown) => error);
    expect(leased).toMatchObject({ code: "log.outcome-unknown", facts: { away: "brokers" } });
    expect(units.of(GROUP, 0).held).toBeNull();
    expect(units.of(GROUP, 1).held).not.toBeNull();
    const { promise, resolve, reject } = Promise.withResolvers<Committed>();
    const [lease, other] = [{ group: GROUP, partition: 1, epoch: 1 }, Promise.withResolvers()];
    const nothing = { appends: [], positions: [], state: [], bytes: 0 };
    const mixed = [
      { ...nothing, lease: undefined, resolve, reject },
      {
        ...{ ...nothing, lease, resolve: other.resolve, reject: other.reject },
        positions: [{ topic: TOPIC, partition: 1, next: 1 }],
      },
    ];
    await groups.write(mixed);
    await expect(promise).rejects.toBe(away);
    await expect(other.promise).rejects.toMatchObject({ code: "log.outcome-unknown" });
  });
});

describe("a commit whose writer brokers fence", () => {
  const fencedBy = new LogError("log.fenced", "Kafka: a newer epoch", { topic: TOPIC });

  it("has lost its lease to an outage, when the changelog has no newer owner", async () => {
    const { append, delivery, units } = twoUnits();
    delivery.write = () => Promise.reject(fencedBy);
    const failure = await append(0).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "log.outcome-unknown", facts: { away: "brokers" } });
    expect(units.of(GROUP, 0).held).toBeNull();
  });

  it("has lost it to the newer owner that the changelog tells", async () => {
    const { append, delivery, units } = twoUnits();
    delivery.write = () => Promise.reject(fencedBy);
    const unit = units.of(GROUP, 0);
    unit.next = 0;
    unit.replay.owner = { epoch: 2, id: "newer" };
    await expect(append(0)).rejects.toBe(fencedBy);
  });
});
