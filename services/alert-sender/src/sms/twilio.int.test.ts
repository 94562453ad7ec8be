import { afterEach, describe, expect, it } from "vitest";
import { SmsUnderTest, type UnderTestOptions } from "../testing/sms-under-test.ts";
import { FROM, RECIPIENTS, type SandboxMessage } from "../testing/twilio-sandbox.ts";
import type { TextMessages } from "./text-messages.ts";

const [TO] = RECIPIENTS;
const CODE = "[0198c0de]";
const open: SmsUnderTest[] = [];
const { signal } = new AbortController();

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function start(options: UnderTestOptions = {}): Promise<SmsUnderTest> {
  const started = await SmsUnderTest.start(options);
  open.push(started);
  return started;
}

function message(body: string, createdMs: number, status = "delivered"): SandboxMessage {
  return { sid: "SM1", to: TO, from: FROM, body, createdMs, status };
}

/** Puts messages into the sandbox, newest first. */
function fill(under: SmsUnderTest, count: number, createdMs: number): void {
  under.sandbox.messages.push(
    ...Array.from({ length: count }, (_, index) => message(`another ${index}`, createdMs)),
  );
}

const find = (twilio: TextMessages, sinceMs: number) => twilio.find(TO, CODE, sinceMs, signal);

describe("Twilio's messages", () => {
  it("are sent from the number, to the recipient, with the text as it is", async () => {
    const under = await start();
    const text = `50 % + more & “so” on ${CODE}`;
    const taken = await under.twilio.send(TO, text, signal);
    expect(taken).toEqual({ sid: under.sandbox.messages[0]?.sid, failed: false });
    expect(under.sandbox.messages).toMatchObject([{ to: TO, from: FROM, body: text }]);
  });

  it("are found by their code, also while they are queued and behind a page of others", async () => {
    const under = await start();
    const now = under.clock.nowMs();
    fill(under, 150, now);
    under.sandbox.messages.push(message(`it ${CODE}`, now, "queued"));
    expect(await find(under.twilio, now)).toEqual({ sid: "SM1", failed: false });
    expect(under.sandbox.asked).toBe(2);
  });

  it("are looked for no further than the time in which they can be", async () => {
    const under = await start();
    const now = under.clock.nowMs();
    fill(under, 150, now);
    fill(under, 1_000, now - 700_000);
    expect(await find(under.twilio, now)).toBeNull();
    expect(under.sandbox.asked).toBe(3);
  });

  it("are not said to be missing when there are too many of them to look through", async () => {
    const under = await start();
    const now = under.clock.nowMs();
    fill(under, 1_001, now);
    await expect(find(under.twilio, now)).rejects.toMatchObject({ code: "provider.unreadable" });
    expect(under.sandbox.asked).toBe(10);
  });

  it("say that Twilio has given up on one", async () => {
    const under = await start();
    under.sandbox.messages.push(message(CODE, under.clock.nowMs(), "undelivered"));
    expect(await find(under.twilio, under.clock.nowMs())).toEqual({ sid: "SM1", failed: true });
  });

  it("are refused with Twilio's number of the reason, and without its words, which hold the recipient's", async () => {
    const under = await start({ behaviour: () => ({ status: 400, code: 21610 }) });
    const refused = under.twilio.send(TO, "text", signal);
    await expect(refused).rejects.toMatchObject({
      code: "provider.bad-request",
      facts: { status: 400, reason: 21610 },
    });
    const error: unknown = await refused.catch((reason: unknown) => reason);
    const words = error instanceof Error ? `${error.message} ${String(error.cause)}` : "";
    expect(words).toContain("21610");
    expect(words).not.toContain(TO.slice(1));
  });

  it("are sent once by each call, however it fails: whether again is not for the client to say", async () => {
    const under = await start({ behaviour: () => "takes it and hangs up" });
    await expect(under.twilio.send(TO, "text", signal)).rejects.toMatchObject({
      code: "provider.connection",
    });
    expect(under.sandbox.posts).toBe(1);
  });
});
