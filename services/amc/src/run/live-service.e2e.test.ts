import { readPartition } from "@amc/platform/log/read-partition";
import { decodeEvent } from "@amc/schemas/codec";
import type { FactTopic } from "@amc/schemas/topics";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { ServiceProcess, textIn, until } from "../testing/service-process.ts";

// A killed member is missed after ten seconds, and another suite may have the processors.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const skipped = stackParts.map((part) => part.skipped).join("");
const isMissing = stackParts.some(({ address }) => address === null);
const LIMITS = { maxRecords: 1_000, maxBytes: 1_000_000 };
const ASKED: readonly FactTopic[] = ["market.price-tick.v1", "market.news.v1"];
const LIVE = "asked live from here on";

/** Ids of all that is in these topics; each has to say that a mock told it. */
async function idsIn({ log }: RealStack): Promise<string[]> {
  const ids: string[] = [];
  for (const topic of ASKED) {
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      for await (const { headers, value } of readPartition(log, topic, partition, LIMITS)) {
        const decoded = decodeEvent(topic, value ?? new Uint8Array());
        if (!decoded.ok) throw new TypeError(decoded.code);
        expect(decoded.value.simulated).toBe(true);
        ids.push(headers.ce_id ?? "");
      }
    }
  }
  return ids;
}

describe.skipIf(isMissing)(`what is asked live on Kafka${skipped}`, () => {
  let stack: RealStack;
  beforeAll(async () => {
    stack = await openRealStack();
  });
  afterAll(() => stack?.close());

  const start = (): ServiceProcess => {
    const service = new ServiceProcess(["live"], {
      ...stack.environment,
      ...{ LIVE_UNIVERSE: "GME=GameStop,AMC", SCHEDULER_WAIT_MS: "2000", LOG_LEVEL: "info" },
      ...{ YAHOO_FINANCE_MOCK: "true", MOCK_NEWS_DATA_ENABLED: "true" },
    });
    onTestFinished(() => service.kill());
    return service;
  };

  it("goes on where a killed one ended, and tells nothing twice", async () => {
    const first = start();
    await first.said("service");
    await until(
      () => first.log.includes(LIVE),
      () => first.log.slice(-3_000),
    );
    const history = await idsIn(stack);
    expect(history.length).toBeGreaterThan(500);
    // Two seconds are less than a sweep and its answer take.
    expect(first.log).toContain("minutes come later than the ticks wait for them");
    const second = start();
    const [line] = await second.said("service");
    expect(second.log).not.toContain(LIVE);
    await first.kill();
    await until(
      () => second.log.includes(LIVE),
      () => second.log.slice(-3_000),
    );
    const ids = await idsIn(stack);
    const once = new Set(ids);
    expect(once.size).toBe(ids.length);
    expect(history.filter((id) => !once.has(id))).toEqual([]);
    // A minute or a headline may have become known meanwhile; the history has not come again.
    expect(ids.length - history.length).toBeLessThan(100);
    expect((await fetch(`${textIn(line, "address")}/readyz`)).status).toBe(200);
    expect(await second.stop(), second.log.slice(-2_000)).toBe(0);
  });
});
