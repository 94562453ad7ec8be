import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { openFileLog } from "@amc/platform/log/file";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deliveriesIn, requestOf } from "../testing/requested-alerts.ts";
import { SmsUnderTest } from "../testing/sms-under-test.ts";
import { type Behaviour, RECIPIENTS } from "../testing/twilio-sandbox.ts";
import type { TextMessages } from "./text-messages.ts";

const PROGRAM = join(import.meta.dirname, "..", "testing", "sending-process.ts");
const SETTLED = RECIPIENTS.map(() => ({ status: "SENT", error: null }));

/** Where a sender is killed, and what Twilio does with the message of that moment. */
const KILLS = [
  ["before the request", "takes it"],
  ["before the answer", "takes it and says nothing"],
  ["after the answer", "takes it"],
] as const satisfies readonly (readonly [string, Behaviour])[];

let directory = "";
let under: SmsUnderTest;
let firstAnswer: Behaviour = "takes it";

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "amc-sms-"));
  // The log of its own is the clock's and the client's; the alerts are in that of the directory.
  under = await SmsUnderTest.start({
    clock: virtualClock(Date.now()),
    behaviour: () => (under.sandbox.posts === 1 ? firstAnswer : "takes it"),
  });
});

afterEach(async () => {
  await under.close();
  rmSync(directory, { recursive: true });
});

async function withLog<Result>(work: (log: Log) => Promise<Result>): Promise<Result> {
  const log = await openFileLog({ directory, layout: systemLayout(1), clock: Date.now });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** Asks for one alert, starts a sender and kills it (SIGKILL) in the middle of its first message. */
async function killSender(halt: string, answer: Behaviour): Promise<void> {
  firstAnswer = answer;
  const alert = requestOf({ symbol: "GME", happenedAt: Date.now() });
  await withLog((log) => log.commit({ appends: [alert] }));
  const child = spawn(process.execPath, [PROGRAM, directory, under.sandbox.origin, halt], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const posted = new Promise<void>((resolve) => {
    under.sandbox.onPost = () => resolve();
  });
  await Promise.race([halt === "before the answer" ? posted : once(child.stdout, "data"), ended]);
  child.kill("SIGKILL");
  await ended;
  expect(child.signalCode, "it ended by itself").toBe("SIGKILL");
}

/** Whoever takes over, by which way messages are asked for and sent. */
async function takeOver(messages: TextMessages = under.twilio) {
  return withLog(async (log) => {
    await under.settle({ log, messages });
    return deliveriesIn(log);
  });
}

describe("a sender that is killed while it sends", () => {
  it.each(KILLS)(
    "%s has sent each recipient exactly one message when another has taken over",
    async (halt, answer) => {
      await killSender(halt, answer);
      const deliveries = await takeOver();
      for (const number of RECIPIENTS) expect(under.sandbox.textsTo(number)).toHaveLength(1);
      expect(deliveries.map(({ status, error }) => ({ status, error }))).toEqual(SETTLED);
      expect(under.sandbox.asked).toBe(1);
    },
  );

  it.each(KILLS.slice(1))(
    "%s has sent one of them two when nobody asks before sending again (control)",
    async (halt, answer) => {
      await killSender(halt, answer);
      const { twilio } = under;
      await takeOver({
        waitMs: () => twilio.waitMs(),
        send: (...message) => twilio.send(...message),
        find: async () => null,
      });
      const counts = RECIPIENTS.map((number) => under.sandbox.textsTo(number).length);
      expect(counts).toEqual([2, 1]);
    },
  );

  it("is not taken over by a sending before nothing of it can be under way", async () => {
    await killSender("before the answer", "takes it and says nothing");
    const before = under.clock.elapsedMs();
    await takeOver();
    expect(under.clock.elapsedMs() - before).toBeGreaterThanOrEqual(29_000);
  });
});
