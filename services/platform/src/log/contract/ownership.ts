import { describe, expect, it } from "vitest";
import {
  append,
  aroundRestart,
  change,
  expectLogError,
  FACTS,
  fixtures,
  type LogFactory,
  readAll,
  SIGNALS,
  stateOf,
  texts,
} from "./fixture.ts";

const GROUP = "signals";

export function describeOwnership(factory: LogFactory): void {
  describe("work units", () => {
    const open = fixtures(factory);

    it("commits outputs, positions and state together", async () => {
      const fixture = await open();
      const lease = await fixture.log.acquire(GROUP, 2);
      await fixture.log.commit({
        lease,
        appends: [append(SIGNALS, "GME", "out", 2), append(FACTS, "GME", "copy", 0)],
        positions: [
          { topic: SIGNALS, partition: 2, next: 1 },
          { topic: FACTS, partition: 3, next: 7 },
          { topic: FACTS, partition: 2, next: 9 },
        ],
        state: [change("features", "GME", "g1"), change("episodes", "GME", "e1")],
      });
      for await (const log of aroundRestart(fixture)) {
        expect(texts(await readAll(log, SIGNALS, 2))).toEqual(["out"]);
        expect(texts(await readAll(log, FACTS, 0))).toEqual(["copy"]);
        expect(await log.positions(GROUP, 2)).toEqual([
          { topic: FACTS, partition: 2, next: 9 },
          { topic: FACTS, partition: 3, next: 7 },
          { topic: SIGNALS, partition: 2, next: 1 },
        ]);
        expect(await stateOf(log, GROUP, 2)).toEqual(["episodes/GME=e1", "features/GME=g1"]);
      }
    });

    it("leaves nothing behind of a commit that is refused", async () => {
      const fixture = await open();
      const lease = await fixture.log.acquire(GROUP, 0);
      const refused = {
        appends: [append(FACTS, "GME", "out", 0)],
        positions: [{ topic: FACTS, partition: 0, next: 1 }],
        state: [change("features", "GME", "g1")],
      };
      const tooLarge = { ...append(FACTS, "GME", "", 0), value: new Uint8Array(300_000) };
      await expectLogError(
        fixture.log.commit({ ...refused, lease, appends: [...refused.appends, tooLarge] }),
        "log.record-too-large",
      );
      await expectLogError(fixture.log.commit(refused), "log.invalid-commit");
      await expectLogError(
        fixture.log.commit({ lease: { ...lease, epoch: 99 }, ...refused }),
        "log.fenced",
      );
      for await (const log of aroundRestart(fixture)) {
        expect(await log.endOffset(FACTS, 0)).toBe(0);
        expect(await log.positions(GROUP, 0)).toEqual([]);
        expect(await stateOf(log, GROUP, 0)).toEqual([]);
      }
    });

    it("keeps positions and state of groups and partitions apart", async () => {
      const { log } = await open();
      for (const [group, partition] of [
        ["signals", 0],
        ["signals", 1],
        ["dips", 0],
      ] as const) {
        const lease = await log.acquire(group, partition);
        await log.commit({
          lease,
          appends: [],
          positions: [{ topic: FACTS, partition, next: group.length + partition }],
          state: [change("s", "k", `${group}${partition}`)],
        });
      }
      expect(await stateOf(log, "signals", 1)).toEqual(["s/k=signals1"]);
      expect(await stateOf(log, "dips", 0)).toEqual(["s/k=dips0"]);
      expect(await log.positions("signals", 0)).toEqual([{ topic: FACTS, partition: 0, next: 7 }]);
      expect(await stateOf(log, "dips", 1)).toEqual([]);
      expect(await log.positions("nobody", 0)).toEqual([]);
    });

    it("replaces and removes keyed state, last change of a commit winning", async () => {
      const fixture = await open();
      const lease = await fixture.log.acquire(GROUP, 0);
      const commit = (...state: ReturnType<typeof change>[]) =>
        fixture.log.commit({ lease, appends: [], state });
      await commit(change("s", "a", "1"), change("s", "b", "1"), change("s", "c", "1"));
      await commit(change("s", "a", null), change("s", "b", "2"), change("s", "never", null));
      await commit(change("s", "b", null), change("s", "b", "3"), change("s", "c", ""));
      for await (const log of aroundRestart(fixture)) {
        expect(await stateOf(log, GROUP, 0)).toEqual(["s/b=3", "s/c="]);
      }
    });

    it("streams state ordered by store and key, by their UTF-8 bytes", async () => {
      const { log } = await open();
      const lease = await log.acquire(GROUP, 0);
      // UTF-16 order would put the emoji (d83d de00) before U+FFFD; UTF-8 puts it after.
      const keys = ["", "A", "B", "a", "é", "\ufffd", "😀"];
      const stores = ["A", "a", "b"];
      const all = stores.flatMap((store) => keys.map((key) => change(store, key, "v")));
      await log.commit({ lease, appends: [], state: [...all].reverse() });
      expect(await stateOf(log, GROUP, 0)).toEqual(
        all.map(({ store, key }) => `${store}/${key}=v`),
      );
    });

    it("does not show commits made while state is being read", async () => {
      const { log } = await open();
      const lease = await log.acquire(GROUP, 0);
      const keys = Array.from({ length: 500 }, (_, i) => `K${String(i).padStart(3, "0")}`);
      const commit = (text: string) =>
        log.commit({ lease, appends: [], state: keys.map((key) => change("s", key, text)) });
      await commit("old");
      const seen: string[] = [];
      for await (const entry of log.state(GROUP, 0)) {
        if (seen.length === 0) await commit("new");
        seen.push(`${entry.key}=${texts([entry])[0]}`);
      }
      expect(seen).toEqual(keys.map((key) => `${key}=old`));
      expect(await stateOf(log, GROUP, 0)).toEqual(keys.map((key) => `s/${key}=new`));
    });

    it("lets a reader of state leave early", async () => {
      const { log } = await open();
      const lease = await log.acquire(GROUP, 0);
      await log.commit({
        lease,
        appends: [],
        state: [change("s", "a", "1"), change("s", "b", "1")],
      });
      for await (const { key } of log.state(GROUP, 0)) {
        expect(key).toBe("a");
        break;
      }
      await log.commit({ lease, appends: [], state: [change("s", "a", "2")] });
      expect(await stateOf(log, GROUP, 0)).toEqual(["s/a=2", "s/b=1"]);
    });

    it("fences the older lease of a work unit and no other", async () => {
      const fixture = await open();
      const zombie = await fixture.log.acquire(GROUP, 0);
      const neighbour = await fixture.log.acquire(GROUP, 1);
      const owner = await fixture.log.acquire(GROUP, 0);
      expect(owner.epoch).toBeGreaterThan(zombie.epoch);
      const write = { appends: [append(FACTS, "GME", "x", 0)] };
      await expectLogError(fixture.log.commit({ ...write, lease: zombie }), "log.fenced");
      await fixture.log.commit({ ...write, lease: owner });
      await fixture.log.commit({ ...write, lease: neighbour });
      const log = await fixture.reopen();
      await expectLogError(log.commit({ ...write, lease: zombie }), "log.fenced");
      const heir = await log.acquire(GROUP, 0);
      expect(heir.epoch).toBeGreaterThan(owner.epoch);
      await expectLogError(log.commit({ ...write, lease: owner }), "log.fenced");
      expect(texts(await readAll(log, FACTS, 0))).toEqual(["x", "x"]);
    });

    it("counts what the older lease committed before the newer one was asked for, and nothing after", async () => {
      const fixture = await open();
      const { log } = fixture;
      const older = await log.acquire(GROUP, 0);
      const commitOf = (text: string) =>
        log.commit({
          lease: older,
          appends: [append(FACTS, "GME", text, 0)],
          state: [change("s", text, "v")],
        });
      const before = commitOf("before");
      const newer = log.acquire(GROUP, 0);
      await expectLogError(commitOf("after"), "log.fenced");
      expect(await before).toEqual({ offsets: [0] });
      expect((await newer).epoch).toBeGreaterThan(older.epoch);
      for await (const restarted of aroundRestart(fixture)) {
        expect(texts(await readAll(restarted, FACTS, 0))).toEqual(["before"]);
        expect(await stateOf(restarted, GROUP, 0)).toEqual(["s/before=v"]);
      }
    });

    it("fences nobody for who has let the unit go before it was asked for", async () => {
      const { log } = await open();
      const holder = await log.acquire(GROUP, 0);
      const reason = new Error("the unit is let go");
      await expect(log.acquire(GROUP, 0, AbortSignal.abort(reason))).rejects.toBe(reason);
      await log.commit({ lease: holder, appends: [append(FACTS, "GME", "mine", 0)] });
      expect(texts(await readAll(log, FACTS, 0))).toEqual(["mine"]);
      const { signal } = new AbortController();
      expect((await log.acquire(GROUP, 0, signal)).epoch).toBeGreaterThan(holder.epoch);
    });

    it("hands positions and state on to the next owner", async () => {
      const { log } = await open();
      const first = await log.acquire(GROUP, 0);
      await log.commit({
        lease: first,
        appends: [],
        positions: [{ topic: FACTS, partition: 0, next: 0 }],
        state: [change("s", "k", "kept")],
      });
      await log.acquire(GROUP, 0);
      expect(await log.positions(GROUP, 0)).toEqual([{ topic: FACTS, partition: 0, next: 0 }]);
      expect(await stateOf(log, GROUP, 0)).toEqual(["s/k=kept"]);
    });
  });
}
