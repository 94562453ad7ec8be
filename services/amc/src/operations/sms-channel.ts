import { attemptEnd } from "@amc/alert-sender/sms/attempt-end";
import { recipientsOf } from "@amc/alert-sender/sms/recipients";
import type { EndedAttempt } from "@amc/alert-sender/sms/sms-partition";
import { SmsSender } from "@amc/alert-sender/sms/sms-sender";
import { Twilio } from "@amc/alert-sender/sms/twilio";
import type { Variables } from "@amc/platform/config/variables";
import type { CallObserver } from "@amc/platform/http/observed-journal";
import { openProvider } from "@amc/platform/http/open-provider";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { Log } from "@amc/platform/log/port";
import type { createLogger } from "@amc/platform/logger";
import type { Telemetry } from "@amc/platform/telemetry";

const SOURCE = "/amc/alert-sender";
const MINUTE_MS = 60_000;

export interface SmsChannelOptions {
  readonly variables: Variables;
  readonly log: Log;
  readonly clock: WaitingClock;
  readonly logger: ReturnType<typeof createLogger>;
  readonly telemetry: Telemetry;
  readonly metrics: CallObserver;
}

/** The way of alerts to phones, shared by all partitions of this process. */
export interface SmsChannel {
  /** Takes over the requests of these partitions, of all when they are left out. */
  open(partitions?: readonly number[], signal?: AbortSignal): Promise<SmsSender>;
  /** Who is told, as people may see it. */
  readonly recipients: readonly string[];
  close(): Promise<void>;
}

/** What a start says of where its alerts go. */
export function channelsText(channel: SmsChannel | null): string {
  if (channel === null) return "alerts: on the console only (TWILIO_ACCOUNT_SID is not set)";
  return `alerts: on the console, and as text messages to ${channel.recipients.join(", ")}`;
}

/** Null where no account is configured: then nothing is sent, and nothing is written of it. */
export async function openSmsChannel(options: SmsChannelOptions): Promise<SmsChannel | null> {
  const { variables, log, clock, logger, telemetry, metrics } = options;
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = variables;
  const { TWILIO_FROM_NUMBER: from, TWILIO_RECIPIENTS: numbers } = variables;
  // The configuration lets no other mixture of them through.
  if (!accountSid || !authToken || !from || !numbers) return null;
  const baseUrl = variables.TWILIO_BASE_URL;
  const opened = await openProvider({
    ...{ provider: "twilio", variables, log, source: SOURCE, baseUrls: [baseUrl] },
    ...{ clock, logger, metrics },
  });
  const messages = new Twilio({ client: opened.client, baseUrl, accountSid, authToken, from });
  const recipients = recipientsOf(numbers, accountSid);
  const { textMessages } = telemetry.metrics;
  textMessages.opened();
  return {
    open: (partitions, signal) => {
      const sending = {
        ...{ log, messages, recipients, clock, telemetry },
        maxAgeMs: variables.SMS_MAX_AGE_MINUTES * MINUTE_MS,
        onEnded: (ended: EndedAttempt) => {
          textMessages.ended(attemptEnd(ended));
          tell(logger, ended);
        },
        watch: (oldestMs: () => number | null) => textMessages.watch(oldestMs),
        ...(partitions === undefined ? {} : { partitions }),
      };
      return SmsSender.open(sending, signal);
    },
    recipients: recipients.map(({ masked }) => masked),
    close: () => opened.close(),
  };
}

function tell(logger: SmsChannelOptions["logger"], ended: EndedAttempt): void {
  if (ended.status === "SENT") logger.info(ended, "a text message was taken");
  else if (ended.status === "RETRY") logger.warn(ended, "a text message waits");
  else logger.warn(ended, "a text message is not sent");
}
