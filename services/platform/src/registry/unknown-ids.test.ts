import { describe, expect, it } from "vitest";
import { RegistryError } from "./errors.ts";
import type { SubjectVersion } from "./registry-client.ts";
import { UnknownIds } from "./unknown-ids.ts";

const TOPIC = "market.price-tick.v1";

/** A registry that says the same each time, with a clock that only its waits move. */
function judging(answer: () => Promise<readonly SubjectVersion[] | null>) {
  const calls: number[] = [];
  const waits: number[] = [];
  let nowMs = 0;
  const ids = new UnknownIds({
    client: {
      versionsOf: (id) => {
        calls.push(id);
        return answer();
      },
    },
    nowMs: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  });
  return { ids, calls, waits, pass: (ms: number) => (nowMs += ms) };
}

describe("an id that is none of ours", () => {
  it("is unknown after three tries over six seconds, and then for a minute without a call", async () => {
    const { ids, calls, waits, pass } = judging(async () => null);
    const failure = await ids.judge(TOPIC, 7);
    expect(failure).toMatchObject({
      code: "registry.unknown-schema",
      facts: { subject: `${TOPIC}-value`, id: 7 },
    });
    expect(calls).toEqual([7, 7, 7]);
    expect(waits).toEqual([1_000, 5_000]);
    pass(59_999);
    expect(await ids.judge(TOPIC, 7)).toBe(failure);
    expect(calls).toHaveLength(3);
    pass(1);
    await ids.judge(TOPIC, 7);
    expect(calls).toHaveLength(6);
  });

  it("is asked for once by however many records wait for it", async () => {
    const { ids, calls } = judging(async () => null);
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => ids.judge(TOPIC, 7)));
    expect(new Set(verdicts).size).toBe(1);
    expect(calls).toHaveLength(3);
  });

  it("is waited for when a lagging registry knows it at the second try", async () => {
    let tries = 0;
    const { ids } = judging(async () => {
      tries += 1;
      return tries === 1 ? null : [{ subject: `${TOPIC}-value`, version: 2 }];
    });
    expect(await ids.judge(TOPIC, 7)).toMatchObject({ code: "registry.newer-schema" });
  });

  it("is a newer release of the topic or a stranger's, as its subjects say", async () => {
    const newer = judging(async () => [{ subject: `${TOPIC}-value`, version: 3 }]);
    expect(await newer.ids.judge(TOPIC, 7)).toMatchObject({
      code: "registry.newer-schema",
      facts: { version: 3 },
    });
    const foreign = judging(async () => [{ subject: "orders-value", version: 1 }]);
    expect(await foreign.ids.judge(TOPIC, 7)).toMatchObject({ code: "registry.foreign-schema" });
    expect(foreign.calls).toHaveLength(1);
  });

  it("has no verdict while the registry is away, and none is kept", async () => {
    let isAway = true;
    const { ids, calls } = judging(async () => {
      if (!isAway) return null;
      throw new RegistryError("registry.unavailable", "away", {});
    });
    for (const _ of [1, 2]) {
      await expect(ids.judge(TOPIC, 7)).rejects.toMatchObject({ code: "registry.unavailable" });
    }
    expect(calls).toHaveLength(2);
    isAway = false;
    expect(await ids.judge(TOPIC, 7)).toMatchObject({ code: "registry.unknown-schema" });
  });

  it.each([0, 2 ** 31, 2 ** 32 - 1])(
    "is not even asked for when no registry gives out %d",
    async (id) => {
      const { ids, calls } = judging(async () => [{ subject: `${TOPIC}-value`, version: 1 }]);
      expect(await ids.judge(TOPIC, id)).toMatchObject({ code: "registry.unknown-schema" });
      expect(calls).toEqual([]);
    },
  );

  it("keeps at most a thousand verdicts: a flood of ids costs calls, not memory", async () => {
    const { ids, calls } = judging(async () => [{ subject: "orders-value", version: 1 }]);
    for (let id = 1; id <= 1_001; id += 1) await ids.judge(TOPIC, id);
    await ids.judge(TOPIC, 1_001);
    expect(calls).toHaveLength(1_001);
    await ids.judge(TOPIC, 1);
    expect(calls).toHaveLength(1_002);
  });
});
