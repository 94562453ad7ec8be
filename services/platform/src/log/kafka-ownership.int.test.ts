import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it, onTestFinished } from "vitest";
import { append, change, expectLogError, FACTS, SIGNALS, stateOf } from "./contract/fixture.ts";
import type { Restored } from "./kafka/unit.ts";
import { openKafkaLog } from "./kafka.ts";
import type { Append, Log } from "./port.ts";
import { createTestTopics } from "./testing/kafka-topics.ts";

const kafka = await testPart("kafka");
const GROUP = "signals";
const LAYOUT = [
  { topic: FACTS, partitions: 2 },
  { topic: SIGNALS, partitions: 2 },
];

/** Logs of processes that share a cluster. */
async function processes(): Promise<(onRestored?: (one: Restored) => void) => Promise<Log>> {
  const { connection, prefix, remove } = await createTestTopics(kafka.address, LAYOUT, [GROUP]);
  onTestFinished(remove);
  return async (onRestored) => {
    const log = await openKafkaLog({
      connection,
      prefix,
      layout: LAYOUT,
      ...(onRestored && { onRestored }),
    });
    onTestFinished(() => log.close());
    return log;
  };
}

/** What a stage derives from the record at an offset of the facts. */
function derived(offset: number, index = 0): Append {
  const record = append(SIGNALS, "GME", `${offset}#${index}`, 0);
  const source = `${FACTS}/0/${offset}#${index}`;
  return { ...record, headers: { "amc-stage": "features", "amc-source": source } };
}

function upTo(next: number) {
  return { positions: [{ topic: FACTS, partition: 0, next }] };
}

describe.skipIf(kafka.address === null)(`work units on Kafka${kafka.skipped}`, () => {
  it("fences an owner in another process, whose state and position then count for nothing", async () => {
    const open = await processes();
    const [old, heir] = [await open(), await open()];
    const zombie = await old.acquire(GROUP, 0);
    const state = (text: string) => [change("s", "k", text), change("s", "other", text)];
    await old.commit({ lease: zombie, appends: [], ...upTo(1), state: state("old") });
    const lease = await heir.acquire(GROUP, 0);
    await expectLogError(
      old.commit({ lease: zombie, appends: [derived(1)], ...upTo(2), state: state("zombie") }),
      "log.fenced",
    );
    for (const log of [heir, await open()]) {
      expect(await log.positions(GROUP, 0)).toEqual(upTo(1).positions);
      expect(await stateOf(log, GROUP, 0)).toEqual(["s/k=old", "s/other=old"]);
    }
    // The owner sees that somebody wrote after it, and takes the unit again.
    const once = heir.commit({ lease, appends: [], ...upTo(3), state: [change("s", "k", "new")] });
    await expectLogError(once, "log.outcome-unknown");
    const again = await heir.acquire(GROUP, 0);
    await heir.commit({
      lease: again,
      appends: [],
      ...upTo(4),
      state: [change("s", "k", "new")],
    });
    const later = await open();
    expect(await later.positions(GROUP, 0)).toEqual(upTo(4).positions);
    expect(await stateOf(later, GROUP, 0)).toEqual(["s/k=new", "s/other=old"]);
  });

  it("does not write an output again that a crash left without its commit", async () => {
    const open = await processes();
    const first = await open();
    const lease = await first.acquire(GROUP, 0);
    await first.commit({ lease, appends: [derived(0)], ...upTo(1) });
    // What is left of a process that died between its outputs and its commit.
    await (await open()).commit({ appends: [derived(1, 0), derived(1, 1)] });
    const heir = await open();
    const again = await heir.acquire(GROUP, 0);
    const appends = [derived(1, 0), derived(1, 1), derived(2)];
    const { offsets } = await heir.commit({ lease: again, appends, ...upTo(3) });
    expect(offsets).toEqual([1, 2, 3]);
    expect(await heir.endOffset(SIGNALS, 0)).toBe(4);
  });

  it("writes an output of another source although its bytes are there already", async () => {
    const open = await processes();
    const first = await open();
    const lease = await first.acquire(GROUP, 0);
    await first.commit({ lease, appends: [derived(0)], ...upTo(1) });
    await (await open()).commit({ appends: [derived(1)] });
    const again = await first.acquire(GROUP, 0);
    const { offsets } = await first.commit({ lease: again, appends: [derived(2)], ...upTo(3) });
    expect(offsets).toEqual([2]);
  });

  it("gives a unit to one of many that try for it at once, and the others are fenced", async () => {
    const open = await processes();
    const logs = await Promise.all(Array.from({ length: 4 }, () => open()));
    const leases = await Promise.all(logs.map((log) => log.acquire(GROUP, 0)));
    expect(new Set(leases.map(({ epoch }) => epoch)).size).toBe(4);
    const newest = Math.max(...leases.map(({ epoch }) => epoch));
    for (const [index, lease] of leases.entries()) {
      const committed = logs[index]?.commit({ lease, appends: [], ...upTo(lease.epoch) });
      await committed?.catch((error: unknown) => expect(error).toMatchObject({ name: "LogError" }));
    }
    expect(await (await open()).positions(GROUP, 0)).toEqual(upTo(newest).positions);
  });

  it("keeps its unit while others ask for its positions in the middle of commits", async () => {
    const open = await processes();
    const log = await open();
    const lease = await log.acquire(GROUP, 0);
    for (let next = 1; next <= 50; next += 1) {
      const committing = log.commit({ lease, appends: [derived(next)], ...upTo(next) });
      const asked = Array.from({ length: 5 }, () => log.positions(GROUP, 0));
      await Promise.all([committing, ...asked]);
      expect(await log.positions(GROUP, 0)).toEqual(upTo(next).positions);
    }
  });

  it("lets other units of its process commit while it reads a large changelog", async () => {
    const open = await processes();
    const first = await open();
    const state = Array.from({ length: 40 }, (_, i) => change("s", `K${i}`, "x".repeat(500_000)));
    await first.commit({ lease: await first.acquire(GROUP, 0), appends: [], state });
    const heir = await open();
    const neighbour = await heir.acquire(GROUP, 1);
    const order: string[] = [];
    const acquiring = heir.acquire(GROUP, 0).then(() => order.push("acquired"));
    // Behind whatever the acquire writes first.
    for (let next = 1; next <= 3; next += 1) {
      await heir.commit({ lease: neighbour, appends: [derived(next)] });
      order.push("committed");
    }
    await acquiring;
    expect(order).toEqual(["committed", "committed", "committed", "acquired"]);
    expect(await stateOf(heir, GROUP, 0)).toHaveLength(40);
  });

  it("reports how much state was read back, and in what time", async () => {
    const open = await processes();
    const first = await open();
    const lease = await first.acquire(GROUP, 0);
    const state = Array.from({ length: 1_000 }, (_, i) => change("s", `K${i}`, "x".repeat(100)));
    await first.commit({ lease, appends: [], state });
    const reports: Restored[] = [];
    const heir = await open((restored) => reports.push(restored));
    await heir.acquire(GROUP, 0);
    expect(await stateOf(heir, GROUP, 0)).toHaveLength(1_000);
    expect(reports).toMatchObject([{ group: GROUP, partition: 0 }]);
    expect(reports[0]?.bytes).toBeGreaterThan(100_000);
    expect(reports[0]?.ms).toBeGreaterThan(0);
  });
});
