/**
 * A process that sends what is requested until it is killed by a test. Arguments: directory, address of the
 * sandbox, where it halts. It says one line as it halts, and then waits for its end.
 */
import { writeSync } from "node:fs";
import { WAITING_CLOCK } from "@amc/platform/http/waiting-clock";
import { openFileLog } from "@amc/platform/log/file";
import { systemLayout } from "@amc/platform/runtime/layout";
import { recipientsOf } from "../sms/recipients.ts";
import { SmsSender } from "../sms/sms-sender.ts";
import type { TextMessages } from "../sms/text-messages.ts";
import { MAX_AGE_MS, twilioAt } from "./sms-under-test.ts";
import { ACCOUNT_SID, RECIPIENTS } from "./twilio-sandbox.ts";

const [directory = "", origin = "", halt = ""] = process.argv.slice(2);
const layout = systemLayout(1);
const log = await openFileLog({ directory, layout, clock: Date.now });
const { twilio } = twilioAt(origin, log, WAITING_CLOCK);

/** Halts in the middle of a sending: a real process is killed anywhere. */
const halting: TextMessages = {
  waitMs: () => twilio.waitMs(),
  find: (...question) => twilio.find(...question),
  send: async (...message) => {
    if (halt === "before the request") return await halted();
    const taken = await twilio.send(...message);
    return halt === "after the answer" ? await halted() : taken;
  },
};

const sender = await SmsSender.open({
  ...{ log, messages: halting, clock: WAITING_CLOCK, maxAgeMs: MAX_AGE_MS },
  recipients: recipientsOf(RECIPIENTS, ACCOUNT_SID),
});
await sender.run(new AbortController().signal);

function halted(): Promise<never> {
  writeSync(1, "halted\n");
  // Nothing else keeps it alive, and it is to be killed.
  setInterval(() => undefined, 60_000);
  return new Promise(() => undefined);
}
