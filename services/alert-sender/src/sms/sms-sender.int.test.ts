import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { afterEach, describe, expect, it } from "vitest";
import { alertIdOf, deliveriesIn, requestOf } from "../testing/requested-alerts.ts";
import { SmsUnderTest, type UnderTestOptions } from "../testing/sms-under-test.ts";
import { RECIPIENTS } from "../testing/twilio-sandbox.ts";
import { recipientsOf } from "./recipients.ts";

const [ONE, OTHER] = RECIPIENTS;
const open: SmsUnderTest[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function start(options: UnderTestOptions = {}): Promise<SmsUnderTest> {
  const started = await SmsUnderTest.start(options);
  open.push(started);
  return started;
}

/** An alert about each symbol, asked for now. */
async function request(under: SmsUnderTest, ...symbols: readonly string[]): Promise<void> {
  const happenedAt = under.clock.nowMs();
  await under.log.commit({ appends: symbols.map((symbol) => requestOf({ symbol, happenedAt })) });
}

async function endsOf(under: SmsUnderTest): Promise<readonly string[]> {
  const deliveries = await deliveriesIn(under.log);
  return deliveries.map(({ symbol, status, attempt, error }) =>
    `${symbol} ${status} ${attempt} ${error ?? ""}`.trim(),
  );
}

describe("the sender of text messages", () => {
  it("sends every recipient one message that ends with the alert's code, and writes that it did", async () => {
    const under = await start({ partitions: 3 });
    await request(under, "GME", "AMC");
    await under.settle();
    await under.settle();
    const code = alertIdOf("GME").slice(0, 8);
    expect(under.sandbox.textsTo(ONE)).toContain(`GME is trade ready: because [${code}]`);
    expect(under.sandbox.textsTo(OTHER)).toHaveLength(2);
    expect([...(await endsOf(under))].sort()).toEqual([
      ...["AMC SENT 1", "AMC SENT 1", "GME SENT 1", "GME SENT 1"],
    ]);
    expect(under.sandbox.asked).toBe(0);
  });

  it("tells of a message that was taken to whom it went, what Twilio calls it, and when the alert was", async () => {
    const under = await start();
    const happenedAt = under.clock.nowMs();
    await request(under, "GME");
    under.clock.advance(2_000);
    await under.settle({ recipients: under.recipients.slice(0, 1) });
    const [message] = under.sandbox.messages;
    expect(await deliveriesIn(under.log)).toMatchObject([
      {
        ...{ channel: "sms", source: "twilio", alertId: alertIdOf("GME"), reference: message?.sid },
        ...{ recipient: "+1202•••0100", requestedAt: happenedAt, happenedAt: happenedAt + 2_000 },
      },
    ]);
  });

  it("sends one message for one event that was written three times, in one batch or after a restart (R-ARC-12)", async () => {
    const under = await start();
    await request(under, "GME", "GME");
    await under.settle();
    await request(under, "GME");
    await under.settle();
    expect(under.sandbox.textsTo(ONE)).toHaveLength(1);
    const rows = new Set((await deliveriesIn(under.log)).map(({ id }) => id));
    expect(rows.size).toBe(RECIPIENTS.length);
  });

  it("tells what fails for one recipient with Twilio's code, and the others get theirs", async () => {
    const refuse = { status: 400, code: 21211 };
    const under = await start({ behaviour: (to) => (to === ONE ? refuse : "takes it") });
    await request(under, "GME", "AMC");
    await under.settle();
    expect(under.sandbox.textsTo(OTHER)).toHaveLength(2);
    expect(under.sandbox.posts).toBe(4);
    expect([...(await endsOf(under))].sort()).toEqual([
      ...["AMC FAILED 1 twilio.21211", "AMC SENT 1"],
      ...["GME FAILED 1 twilio.21211", "GME SENT 1"],
    ]);
  });

  it.each([401, 404])("does not send again what Twilio answers %i", async (status) => {
    const under = await start({ behaviour: () => ({ status }) });
    await request(under, "GME");
    await under.settle({ recipients: under.recipients.slice(0, 1) });
    expect(under.sandbox.posts).toBe(1);
    expect(await endsOf(under)).toEqual([expect.stringMatching(/^GME FAILED 1 provider\./)]);
  });

  it("sends later what Twilio had no time for, counts the tries and asks nothing, for it was not taken", async () => {
    const under = await start({
      behaviour: (_, count) => (count < 3 ? { status: 429 } : "takes it"),
    });
    await request(under, "GME");
    await under.settle({ recipients: under.recipients.slice(0, 1) });
    expect(await endsOf(under)).toEqual([
      "GME RETRY 1 provider.rate-limited",
      "GME RETRY 2 provider.rate-limited",
      "GME SENT 3",
    ]);
    expect(under.sandbox.asked).toBe(0);
  });

  it.each([
    ["an answer of 500", { status: 500, takes: true }],
    ["a connection that broke", "takes it and hangs up"],
    ["no answer in time", "takes it and says nothing"],
  ] as const)("asks after %s, and sends no second message that was taken", async (_, behaviour) => {
    const under = await start({ behaviour: () => behaviour, deadlineMs: 100 });
    await request(under, "GME");
    await under.settle();
    expect(under.sandbox.posts).toBe(RECIPIENTS.length);
    const sent = (await endsOf(under)).filter((end) => end === "GME SENT 1");
    expect(sent).toHaveLength(RECIPIENTS.length);
  });

  it("sends again what Twilio says that it has not got", async () => {
    const under = await start({
      behaviour: (_, count) => (count === 1 ? { status: 503 } : "takes it"),
    });
    await request(under, "GME");
    await under.settle({ recipients: under.recipients.slice(0, 1) });
    expect(under.sandbox.asked).toBe(1);
    expect(await endsOf(under)).toEqual(["GME RETRY 1 provider.unavailable", "GME SENT 2"]);
  });

  it("waits and asks again while Twilio cannot say, however late it is", async () => {
    const under = await start({
      behaviour: () => ({ status: 500, takes: true }),
      listStatus: (asked) => (asked < 20 ? 503 : 200),
    });
    await request(under, "GME");
    await under.settle({ recipients: under.recipients.slice(0, 1) });
    expect(under.sandbox.posts).toBe(1);
    expect((await endsOf(under)).at(-1)).toBe("GME SENT 1");
  });

  it("gives up an hour after it is too late when Twilio never says, and says that it does not know", async () => {
    const under = await start({ behaviour: () => "takes it and hangs up", listStatus: () => 503 });
    await request(under, "GME");
    await under.settle({ recipients: under.recipients.slice(0, 1) });
    expect(under.sandbox.posts).toBe(1);
    expect((await endsOf(under)).at(-1)).toBe("GME FAILED 1 alert.outcome-unknown");
  });

  it("sends what waits when Twilio is there again, once each", async () => {
    let isDown = true;
    const under = await start({ behaviour: () => (isDown ? "hangs up" : "takes it") });
    await request(under, "GME", "AMC", "BB");
    const sender = await under.open();
    const stop = new AbortController();
    const ended = sender.run(stop.signal);
    for (; under.clock.elapsedMs() < 300_000; ) await new Promise(setImmediate);
    isDown = false;
    for (; under.sandbox.messages.length < 6; ) await new Promise(setImmediate);
    stop.abort();
    await ended;
    await under.settle();
    for (const number of RECIPIENTS) expect(under.sandbox.textsTo(number)).toHaveLength(3);
  });

  it("asks Twilio for nothing while its breaker is open, and counts no try that was none", async () => {
    const awayMs = 240_000;
    const isAway = () => under.clock.elapsedMs() < awayMs;
    const under: SmsUnderTest = await start({
      behaviour: () => (isAway() ? { status: 503 } : "takes it"),
      listStatus: () => (isAway() ? 503 : 200),
    });
    await request(under, "GME", "AMC", "BB");
    await under.settle();
    const ends = await endsOf(under);
    expect(under.sandbox.posts).toBe(ends.length);
    expect(ends.filter((end) => end.includes("SENT"))).toHaveLength(6);
    expect(ends.join()).not.toContain("circuit-open");
    const changes = await eventsOf(under.log, "ops.circuit-breaker.v1");
    expect(changes[0]).toMatchObject({ provider: "twilio", change: "OPENED" });
    expect(changes.at(-1)).toMatchObject({ change: "CLOSED" });
  });

  it("gives up what Twilio is away for too long for, and tells each try", async () => {
    const under = await start({ behaviour: () => ({ status: 503 }) });
    await request(under, "GME");
    await under.settle({ recipients: under.recipients.slice(0, 1) });
    const ends = await endsOf(under);
    expect(ends.at(-1)).toMatch(/^GME FAILED \d+ alert.too-late$/);
    expect(ends.slice(0, -1).every((end) => end.includes("RETRY"))).toBe(true);
    expect(under.sandbox.messages).toEqual([]);
  });

  it("sends nothing that is older than an alert may be, and nothing of a recording", async () => {
    const under = await start();
    await under.settle();
    const old = { symbol: "GME", happenedAt: under.clock.nowMs() - 900_001 };
    const recorded = { symbol: "AMC", happenedAt: Date.UTC(2021, 0, 27, 15) };
    await under.log.commit({ appends: [requestOf(old), requestOf(recorded)] });
    await under.settle();
    expect(under.sandbox.requests).toBe(0);
    const ends = [...(await endsOf(under))].sort();
    expect(new Set(ends)).toEqual(
      new Set(["AMC FAILED 1 alert.too-late", "GME FAILED 1 alert.too-late"]),
    );
  });

  it.each([
    ["a recording's alert as one that was old", 900_001, 0, true],
    ["an alert of a time in which no sender ran as one that is too late", 0, 900_001, false],
  ])("tells %s", async (_, agedMs, awayMs, wasOld) => {
    const under = await start();
    await under.settle();
    const happenedAt = under.clock.nowMs() - agedMs;
    await under.log.commit({ appends: [requestOf({ symbol: "GME", happenedAt })] });
    under.clock.advance(awayMs);
    await under.settle();
    expect(under.sandbox.requests).toBe(0);
    const late = { status: "FAILED", error: "alert.too-late", wasOld };
    expect(under.told).toMatchObject(RECIPIENTS.map(() => late));
  });

  it("sends what an alert ahead of our time asks for by our own time", async () => {
    const under = await start({ behaviour: () => ({ status: 503 }) });
    const happenedAt = under.clock.nowMs() + 86_400_000;
    await under.log.commit({ appends: [requestOf({ symbol: "GME", happenedAt })] });
    await under.settle({ recipients: under.recipients.slice(0, 1) });
    expect(under.clock.elapsedMs()).toBeLessThan(1_000_000);
  });

  it("sends nothing about simulated data to a phone", async () => {
    const under = await start();
    const happenedAt = under.clock.nowMs();
    const known = { simulated: true };
    await under.log.commit({ appends: [requestOf({ symbol: "GME", happenedAt, known })] });
    await under.settle();
    expect(under.sandbox.requests).toBe(0);
    const deliveries = await deliveriesIn(under.log);
    expect(deliveries.map(({ error, simulated }) => ({ error, simulated }))).toEqual(
      RECIPIENTS.map(() => ({ error: "alert.simulated", simulated: true })),
    );
  });

  it("begins, where it never was, with alerts that are worth a message, and writes nothing of those before", async () => {
    const under = await start();
    await request(under, "GME");
    under.clock.advance(3_600_000);
    await request(under, "AMC");
    await under.settle();
    expect(new Set(await endsOf(under))).toEqual(new Set(["AMC SENT 1"]));
  });

  it("tells what waits for a number that is not configured any more", async () => {
    const under = await start({ behaviour: () => ({ status: 429 }) });
    await request(under, "GME");
    const stop = new AbortController();
    const sender = await under.open();
    under.sandbox.onPost = () => stop.abort();
    await sender.run(stop.signal);
    await under.settle({ recipients: recipientsOf([OTHER], "AC-of-another") });
    expect(await endsOf(under)).toContain("GME FAILED 1 alert.recipient-removed");
  });

  it("dead-letters a request that it cannot read, and sends those behind it", async () => {
    const under = await start();
    const unreadable = { topic: "alerts.requested.v1", key: "BAD", value: Uint8Array.of(9) };
    await under.log.commit({ appends: [{ ...unreadable, headers: {} }] });
    await request(under, "GME");
    await under.settle();
    expect(under.sandbox.textsTo(ONE)).toHaveLength(1);
    expect(await under.log.endOffset("alerts.requested.v1.dlq", 0)).toBe(1);
  });
});
