import { LogError } from "@amc/platform/log/errors";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { systemLayout } from "@amc/platform/runtime/layout";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { uuidOf } from "@amc/streams/kernel/ids";
import { DONE, type Outcome, type Subtopology } from "@amc/streams/kernel/stage";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ProcessorFailure } from "./partition-loop.ts";
import { Processor } from "./processor.ts";

const TOPIC = "ops.control.v1";

function counting(seen: string[], answer: () => Outcome = () => DONE): readonly Subtopology[] {
  return [
    {
      name: "counting",
      timed: false,
      stages: [
        {
          name: "counting",
          version: 1,
          inputs: [TOPIC],
          outputs: [],
          init: () => ({
            stores: [],
            step: (event) => {
              seen.push(event.id);
              return answer();
            },
          }),
        },
      ],
    },
  ];
}

async function append(log: Log, count: number, from = 0): Promise<void> {
  const at = Date.UTC(2021, 0, 13);
  const appends = Array.from({ length: count }, (_, index) => ({
    topic: TOPIC,
    partition: (from + index) % log.partitions(TOPIC),
    key: "profile",
    value: encodeEvent(TOPIC, {
      setting: "profile",
      value: "strict",
      happenedAt: at,
      publishedAt: at,
      actor: "test",
      reason: "test",
    }),
    headers: eventHeaders({
      id: uuidOf(`control/${from + index}`),
      source: "/t",
      topic: TOPIC,
      happenedAt: at,
    }),
  }));
  await log.commit({ appends });
}

/** A log whose commits fail as a network would, the first `failures` times. */
function flaky(log: Log, failures: number): Log {
  let left = failures;
  return new Proxy(log, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "commit") return value.bind(target);
      return async (...words: unknown[]) => {
        if (left > 0) {
          left -= 1;
          throw Object.assign(new Error("connection reset"), { code: "ECONNRESET" });
        }
        return Reflect.apply(value, target, words);
      };
    },
  });
}

/** Resolves when a condition holds, looking again after every turn of the event loop. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

describe("processor", () => {
  it("takes what arrives on every partition while it runs, and drains on the signal", async () => {
    const log = createMemoryLog(systemLayout(3), () => 0);
    const seen: string[] = [];
    const processor = await Processor.open({ log, topology: counting(seen) });
    const stop = new AbortController();
    const running = processor.run(stop.signal);
    await append(log, 9);
    await until(() => seen.length === 9);
    await append(log, 5, 9);
    await until(async () => (await processor.lag()) === 0);
    stop.abort();
    await running;
    expect(new Set(seen).size).toBe(14);
    expect(processor.counts().applied).toBe(14);
  });

  it("tries again after a transient failure, from what was committed", async () => {
    const log = createMemoryLog(systemLayout(1), () => 0);
    await append(log, 4);
    const seen: string[] = [];
    const failures: ProcessorFailure[] = [];
    const processor = await Processor.open({
      log: flaky(log, 2),
      topology: counting(seen),
      onFailure: (failure) => failures.push(failure),
    });
    const stop = new AbortController();
    const running = processor.run(stop.signal);
    await until(async () => (await processor.lag()) === 0);
    stop.abort();
    await running;
    expect(failures).toHaveLength(2);
    for (const { retryInMs } of failures) expect(retryInMs).toBeGreaterThan(0);
    expect(seen.length).toBe(12);
    expect(await log.positions("counting", 0)).toEqual([{ topic: TOPIC, partition: 0, next: 4 }]);
  });

  it("ends with the failure when a stage stops, and commits nothing of the batch", async () => {
    const log = createMemoryLog(systemLayout(2), () => 0);
    await append(log, 4);
    const topology = counting([], () => ({ type: "stop", reason: "a defect" }));
    const processor = await Processor.open({ log, topology });
    await expect(processor.run(new AbortController().signal)).rejects.toMatchObject({
      code: "runtime.stage-stopped",
    });
    expect(await log.positions("counting", 0)).toEqual([]);
  });

  describe("whose time is the test's", () => {
    let nowMs = 0;
    const now = () => nowMs;
    afterEach(() => {
      vi.restoreAllMocks();
      vi.useRealTimers();
    });

    /** Runs until `log` is empty; its commits fail with `failure` after 31 s, the first `times` times. */
    async function runThrough(failure: LogError, times: number) {
      vi.spyOn(Math, "random").mockReturnValue(0);
      const inner = createMemoryLog(systemLayout(1), () => 0);
      await append(inner, 4);
      let commits = 0;
      const log = logWithCommit(inner, (commit) => {
        commits += 1;
        if (commits > times) return inner.commit(commit);
        nowMs += 31_000;
        return Promise.reject(failure);
      });
      const retries: (number | null)[] = [];
      const processor = await Processor.open({
        ...{ log, now, topology: counting([]) },
        onFailure: ({ retryInMs }) => retries.push(retryInMs),
      });
      const stop = new AbortController();
      const running = processor.run(stop.signal).catch((error: unknown) => error);
      const done = until(async () => (await processor.lag()) === 0);
      const ended = await Promise.race([running, done.then(() => "caught up")]);
      stop.abort();
      await running;
      return { commits, retries, ended };
    }

    it("ends after a minute in which a write only failed and nobody was away", async () => {
      const odd = new LogError("log.outcome-unknown", "the server has failed");
      const { commits, retries, ended } = await runThrough(odd, Number.POSITIVE_INFINITY);
      expect(ended).toMatchObject({ code: "runtime.stalled", cause: odd });
      expect(commits).toBe(3);
      expect(retries).toEqual([0, 0, null]);
    });

    it("waits for brokers that are away for as long as that takes", async () => {
      const facts = { away: "brokers" };
      const away = new LogError("log.outcome-unknown", "no answer", facts);
      const { commits, ended } = await runThrough(away, 40);
      expect(ended).toBe("caught up");
      expect(commits).toBe(41);
    });

    /** Runs one batch of as many reads as there are topics, each of which takes so long. */
    async function readSlowly(readMs: number): Promise<unknown> {
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
      const log = createMemoryLog(systemLayout(1), () => 0);
      await append(log, 4);
      const read = log.read.bind(log);
      let reads = 0;
      log.read = async (...words) => {
        reads += 1;
        nowMs += readMs;
        await vi.advanceTimersByTimeAsync(readMs);
        return read(...words);
      };
      const [subtopology] = counting([]);
      const [stage] = subtopology?.stages ?? [];
      if (subtopology === undefined || stage === undefined) throw new RangeError("no stage");
      const inputs = TOPIC_NAMES.filter((topic) => topic !== "ops.clock.v1");
      const topology = [{ ...subtopology, stages: [{ ...stage, inputs }] }];
      const processor = await Processor.open({ log, now, topology });
      const stop = new AbortController();
      const running = processor.run(stop.signal).catch((error: unknown) => error);
      const done = until(async () => (await log.positions("counting", 0)).length > 0);
      const ended = await Promise.race([running, done.then(() => "committed")]);
      stop.abort();
      await running;
      expect(reads).toBeGreaterThan(0);
      return ended;
    }

    it("takes no batch for stuck whose reads are answered, however many waited for a verdict", async () => {
      expect(await readSlowly(6_000)).toBe("committed");
    });

    it("ends when one read takes longer than a minute", async () => {
      expect(await readSlowly(66_000)).toMatchObject({ code: "runtime.stalled" });
    });
  });
});
