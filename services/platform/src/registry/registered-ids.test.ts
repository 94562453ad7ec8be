import { writeEnvelope } from "@amc/schemas/envelope";
import { describe, expect, it } from "vitest";
import type { LogRecord } from "../log/port.ts";
import { STALL_LIMIT_MS } from "../runtime/watchdog.ts";
import { RegistryError } from "./errors.ts";
import { type RegisteredIds, withLocalIds } from "./registered-ids.ts";
import type { SubjectVersion } from "./registry-client.ts";
import { UnknownIds } from "./unknown-ids.ts";
import { WireIds } from "./wire-ids.ts";

const TOPIC = "market.price-tick.v1";
const OURS = 70_001;
const LOCAL = 1;
const TWENTY = Array.from({ length: 20 }, (_, index) => 80_000 + index);

function recordsWith(ids: readonly number[]): LogRecord[] {
  return ids.map((id, offset) => {
    const value = Buffer.alloc(8);
    writeEnvelope(value, id);
    return { topic: TOPIC, partition: 0, offset, key: null, value, headers: {}, appendedAtMs: 0 };
  });
}

const idsOf = (records: readonly LogRecord[]) =>
  records.map(({ value }) => Buffer.from(value ?? []).readUInt32BE(1));

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A clock that moves on to the next sleeper when nothing else happens. */
class Clock {
  nowMs = 0;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ atMs: this.nowMs + ms, wake }));
  }

  async until<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    work.then(end, end);
    while (!isDone) {
      for (let turns = 0; turns < 50 && !isDone; turns += 1) await turn();
      if (isDone) break;
      const atMs = Math.min(...this.#sleepers.map((one) => one.atMs));
      this.nowMs = atMs;
      const due = this.#sleepers.filter((one) => one.atMs <= atMs);
      this.#sleepers = this.#sleepers.filter((one) => one.atMs > atMs);
      for (const { wake } of due) wake();
    }
    return work;
  }
}

function registry(answer: (id: number) => readonly SubjectVersion[] | null) {
  const clock = new Clock();
  const calls: number[] = [];
  let [running, mostRunning] = [0, 0];
  const client = {
    versionsOf: async (id: number) => {
      calls.push(id);
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      await turn();
      running -= 1;
      return answer(id);
    },
  };
  const ids: RegisteredIds = {
    ids: new WireIds([{ local: LOCAL, registry: OURS }]),
    unknown: new UnknownIds({ client, nowMs: () => clock.nowMs, sleep: (ms) => clock.sleep(ms) }),
  };
  const read = (records: LogRecord[]) => clock.until(withLocalIds(records, ids));
  return { clock, calls, read, mostRunning: () => mostRunning };
}

describe("records with ids that are none of this build's", () => {
  it("wait once for all their ids, which is far below what a watchdog allows", async () => {
    const { clock, calls, read, mostRunning } = registry(() => null);
    const records = recordsWith([OURS, ...TWENTY, OURS, ...TWENTY]);
    expect(idsOf(await read(records))).toEqual([LOCAL, ...TWENTY, LOCAL, ...TWENTY]);
    expect(clock.nowMs).toBe(6_000);
    expect(clock.nowMs).toBeLessThan(STALL_LIMIT_MS);
    expect(calls).toHaveLength(3 * TWENTY.length);
    expect(mostRunning()).toBeLessThanOrEqual(8);
  });

  it("wait for nothing when they come again within a minute", async () => {
    const { clock, calls, read } = registry(() => null);
    await read(recordsWith(TWENTY));
    await read(recordsWith([...TWENTY].reverse()));
    expect(clock.nowMs).toBe(6_000);
    expect(calls).toHaveLength(3 * TWENTY.length);
  });

  it("end in front of the first that a newer build has to read, whoever is judged first", async () => {
    const newest = 80_007;
    const { read } = registry((id) =>
      id === newest ? [{ subject: `${TOPIC}-value`, version: 9 }] : null,
    );
    expect(idsOf(await read(recordsWith([OURS, ...TWENTY])))).toEqual([
      LOCAL,
      ...TWENTY.slice(0, 7),
    ]);
    await expect(read(recordsWith([newest, OURS]))).rejects.toMatchObject({
      code: "registry.newer-schema",
    });
  });

  it("ask no more than a few times when the registry is away, however many ids there are", async () => {
    const { clock, calls, read } = registry(() => {
      throw new RegistryError("registry.unavailable", "away", {});
    });
    await expect(read(recordsWith(TWENTY))).rejects.toMatchObject({ code: "registry.unavailable" });
    expect(calls).toHaveLength(8);
    expect(clock.nowMs).toBe(0);
  });

  it("are left alone where the log itself could not read them, and nobody is asked", async () => {
    const { calls, read } = registry(() => null);
    const unreadable = { code: "batch.too-large", reason: "test" };
    const records = recordsWith([OURS]).map((record) => ({ ...record, unreadable }));
    expect(idsOf(await read(records))).toEqual([OURS]);
    expect(calls).toEqual([]);
  });
});
