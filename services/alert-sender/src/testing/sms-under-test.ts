import { loadConfig } from "@amc/platform/config/load-config";
import { logJournal } from "@amc/platform/http/log-journal";
import { pinnedAgent } from "@amc/platform/http/pinned-agent";
import { ProviderClient } from "@amc/platform/http/provider-client";
import { providerLimits } from "@amc/platform/http/provider-limits";
import { type VirtualClock, virtualClock } from "@amc/platform/http/testing/virtual-clock";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { recipientsOf } from "../sms/recipients.ts";
import type { EndedAttempt } from "../sms/sms-partition.ts";
import { SmsSender, type SmsSenderOptions } from "../sms/sms-sender.ts";
import type { TextMessages } from "../sms/text-messages.ts";
import { Twilio } from "../sms/twilio.ts";
import {
  ACCOUNT_SID,
  AUTH_TOKEN,
  FROM,
  RECIPIENTS,
  type SandboxOptions,
  TwilioSandbox,
} from "./twilio-sandbox.ts";

export const MAX_AGE_MS = 900_000;

export interface UnderTestOptions extends Omit<SandboxOptions, "nowMs"> {
  readonly clock?: VirtualClock;
  readonly log?: Log;
  readonly partitions?: number;
  readonly deadlineMs?: number;
}

/** A sender with the product's way to a sandbox, on a clock that passes when somebody waits. */
export class SmsUnderTest {
  readonly sandbox: TwilioSandbox;
  readonly log: Log;
  readonly clock: VirtualClock;
  readonly twilio: TextMessages;
  readonly recipients = recipientsOf(RECIPIENTS, ACCOUNT_SID);
  /** What log lines are made of. */
  readonly told: EndedAttempt[] = [];
  readonly #close: () => Promise<void>;

  private constructor(
    parts: Pick<SmsUnderTest, "sandbox" | "log" | "clock" | "twilio">,
    close: () => Promise<void>,
  ) {
    this.sandbox = parts.sandbox;
    this.log = parts.log;
    this.clock = parts.clock;
    this.twilio = parts.twilio;
    this.#close = close;
  }

  static async start(options: UnderTestOptions = {}): Promise<SmsUnderTest> {
    const { clock = virtualClock(), partitions = 1, deadlineMs } = options;
    const sandbox = await TwilioSandbox.start({ ...options, nowMs: clock.nowMs });
    const log = options.log ?? createMemoryLog(systemLayout(partitions), clock.nowMs);
    const { twilio, close } = twilioAt(sandbox.origin, log, clock, deadlineMs);
    return new SmsUnderTest({ sandbox, log, clock, twilio }, async () => {
      await close();
      await sandbox.close();
    });
  }

  /** A sender as a start opens it, with what those before it have committed. */
  open(changed: Partial<SmsSenderOptions> = {}): Promise<SmsSender> {
    return SmsSender.open({
      ...{ log: this.log, messages: this.twilio, clock: this.clock, maxAgeMs: MAX_AGE_MS },
      recipients: this.recipients,
      onEnded: (ended) => this.told.push(ended),
      ...changed,
    });
  }

  /** Opens one and lets it send until nothing waits. */
  async settle(changed: Partial<SmsSenderOptions> = {}): Promise<void> {
    await settleAll(await this.open(changed), this.clock);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** Lets it send what is requested and waits, as long as that takes, until all of it is settled. */
export async function settleAll(sender: SmsSender, clock: WaitingClock): Promise<void> {
  const { signal } = new AbortController();
  for (;;) {
    const dueMs = await sender.deliverDue(signal);
    if (dueMs === null) return;
    await clock.sleep(Math.max(0, dueMs - clock.nowMs()), signal);
  }
}

/** The product's way to a sandbox, with the limits of the real one. */
export function twilioAt(origin: string, log: Log, clock: WaitingClock, deadlineMs?: number) {
  const trusted = new Set([origin]);
  const agent = pinnedAgent({ trusted, connections: 4, connectMs: 5_000 });
  const limits = providerLimits("twilio", loadConfig({}));
  const client = new ProviderClient({
    ...{ provider: "twilio", dispatcher: agent, trusted, clock, random: () => 0 },
    limits: deadlineMs === undefined ? limits : { ...limits, deadlineMs },
    journal: logJournal(log, "/amc/test"),
    ...{ breakerOn: true, simulated: false },
  });
  const login = { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, from: FROM };
  const twilio = new Twilio({ client, baseUrl: origin, ...login });
  return { twilio, close: () => agent.destroy() };
}
