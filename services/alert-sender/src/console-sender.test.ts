import { createMemoryLog } from "@amc/platform/log/memory";
import type { Append, Log } from "@amc/platform/log/port";
import { watchedWaits } from "@amc/platform/log/testing/watched-waits";
import { systemLayout } from "@amc/platform/runtime/layout";
import { encodeEvent } from "@amc/schemas/codec";
import type { Requested } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import { ConsoleSender } from "./console-sender.ts";

const TOPIC = "alerts.requested.v1";

function request(symbol: string): { id: string; value: Requested } {
  const at = Date.UTC(2021, 0, 13, 15);
  return {
    id: uuidOf(symbol),
    value: {
      symbol,
      happenedAt: at,
      publishedAt: at,
      capturedAt: at,
      simulated: false,
      alertType: "discovery_event",
      episode: symbol,
      priority: "HIGH",
      audience: "trader",
      subjectId: uuidOf("subject"),
      title: `${symbol} is trade ready`,
      message: "because",
    },
  };
}

async function append(log: Log, symbols: readonly string[]): Promise<void> {
  await log.commit({
    appends: symbols.map(request).map(({ id, value }) => ({
      topic: TOPIC,
      key: value.symbol,
      value: encodeEvent(TOPIC, value),
      headers: eventHeaders({ id, source: "/t", topic: TOPIC, happenedAt: value.happenedAt }),
    })),
  });
}

/** Two requests, the sender started again, both once more as their writer was, and a third. */
async function copiesDelivered(headersOf: (index: number) => Readonly<Record<string, string>>) {
  const log = createMemoryLog(systemLayout(1), () => 0);
  const shown: string[] = [];
  const show = (_: string, { symbol }: Requested) => shown.push(symbol);
  const options = { log, show, nowMs: () => 7 };
  const writings = [
    ["GME", "AMC"],
    ["GME", "AMC", "KOSS"],
  ];
  for (const symbols of writings) {
    const appends = symbols.map(request).map(({ id, value }, index) => ({
      ...{ topic: TOPIC, key: value.symbol, value: encodeEvent(TOPIC, value) },
      headers: {
        ...eventHeaders({ id, source: "/t", topic: TOPIC, happenedAt: value.happenedAt }),
        ...headersOf(index),
      },
    }));
    await log.commit({ appends });
    await (await ConsoleSender.open(options)).deliverPending();
  }
  return { shown, deliveries: await log.endOffset("alerts.delivery.v1", 0) };
}

describe("console sender", () => {
  it("shows each alert once, writes that it did, and repeats nothing after a restart", async () => {
    const log = createMemoryLog(systemLayout(3), () => 0);
    await append(log, ["GME", "AMC", "KOSS"]);
    const shown: string[] = [];
    const options = {
      log,
      show: (_: string, { symbol }: Requested) => shown.push(symbol),
      nowMs: () => 7,
    };
    expect(await (await ConsoleSender.open(options)).deliverPending()).toBe(3);
    await append(log, ["BB"]);
    expect(await (await ConsoleSender.open(options)).deliverPending()).toBe(1);
    expect([...shown].sort()).toEqual(["AMC", "BB", "GME", "KOSS"]);
    let deliveries = 0;
    for (let partition = 0; partition < 3; partition += 1) {
      deliveries += await log.endOffset("alerts.delivery.v1", partition);
    }
    expect(deliveries).toBe(4);
  });

  it("shows a request once that a crashed writer wrote twice, also when it was started in between", async () => {
    const { shown, deliveries } = await copiesDelivered((index) => ({
      "amc-stage": "alert-policy",
      "amc-source": `discovery.recommendation.v1/0/4#${index}`,
    }));
    expect(shown).toEqual(["GME", "AMC", "KOSS"]);
    expect(deliveries).toBe(3);
  });

  it("shows both where a request does not say what it was derived from (control)", async () => {
    const { shown } = await copiesDelivered(() => ({}));
    expect(shown).toEqual(["GME", "AMC", "GME", "AMC", "KOSS"]);
  });

  it("shows an alert again rather than losing it when it is killed before the commit", async () => {
    const log = createMemoryLog(systemLayout(1), () => 0);
    await append(log, ["GME"]);
    const shown: string[] = [];
    const killed = await ConsoleSender.open({
      log,
      show: () => {
        throw new Error("killed while showing");
      },
      nowMs: () => 7,
    });
    await expect(killed.deliverPending()).rejects.toThrow("killed");
    const next = await ConsoleSender.open({
      log,
      show: (_, { symbol }) => shown.push(symbol),
      nowMs: () => 7,
    });
    await next.deliverPending();
    expect(shown).toEqual(["GME"]);
  });

  it("dead-letters a request that it cannot read, says so, and shows the others", async () => {
    const log = createMemoryLog(systemLayout(1), () => 0);
    await append(log, ["GME"]);
    const unreadable = { topic: TOPIC, key: "BAD", value: Uint8Array.of(9, 9, 9, 9, 9, 9) };
    await log.commit({ appends: [{ ...unreadable, headers: {} }] });
    await append(log, ["AMC"]);
    const shown: string[] = [];
    const told: string[] = [];
    const options = {
      ...{ log, nowMs: () => 7 },
      show: (_: string, { symbol }: Requested) => shown.push(symbol),
      telemetry: {
        written: (part: string, appends: readonly Append[]) =>
          told.push(...appends.map(({ topic }) => `${part}: ${topic}`)),
      },
    };
    expect(await (await ConsoleSender.open(options)).deliverPending()).toBe(2);
    // Whoever takes the partition over begins behind it.
    expect(await (await ConsoleSender.open(options)).deliverPending()).toBe(0);
    expect(shown).toEqual(["GME", "AMC"]);
    const letters = await log.read(`${TOPIC}.dlq`, 0, 0, { maxRecords: 10, maxBytes: 1e6 });
    expect(letters.map(({ headers, value }) => ({ ...headers, value }))).toEqual([
      expect.objectContaining({
        ...{ "dlq-topic": TOPIC, "dlq-partition": "0", "dlq-offset": "1" },
        ...{ "dlq-stage": "alert-sender", "dlq-code": "envelope.id" },
        value: unreadable.value,
      }),
    ]);
    const sent = "alert-sender: alerts.delivery.v1";
    expect(told).toEqual([sent, `alert-sender: ${TOPIC}.dlq`, sent]);
  });

  it("goes on when every request of a batch is unreadable", async () => {
    const log = createMemoryLog(systemLayout(1), () => 0);
    const unreadable = { topic: TOPIC, key: "BAD", value: null, headers: {} };
    await log.commit({ appends: Array.from({ length: 150 }, () => unreadable) });
    await append(log, ["GME"]);
    const shown: string[] = [];
    const sender = await ConsoleSender.open({
      ...{ log, nowMs: () => 7 },
      show: (_, { symbol }) => shown.push(symbol),
    });
    expect(await sender.deliverPending()).toBe(1);
    expect(shown).toEqual(["GME"]);
    expect(await log.endOffset(`${TOPIC}.dlq`, 0)).toBe(150);
  });

  it("leaves no wait behind when a partition cannot be waited for", async () => {
    const inner = createMemoryLog(systemLayout(3), () => 0);
    const { log, waiting } = watchedWaits(inner, `${TOPIC}/1`);
    const sender = await ConsoleSender.open({ log, show: () => {}, nowMs: () => 7 });
    const run = sender.run(new AbortController().signal);
    await expect(run).rejects.toMatchObject({ code: "log.unavailable" });
    expect([...waiting]).toEqual([]);
  });
});
