import { deliveriesIn, requestOf } from "@amc/alert-sender/testing/requested-alerts";
import { settleAll } from "@amc/alert-sender/testing/sms-under-test";
import {
  ACCOUNT_SID,
  AUTH_TOKEN,
  type Behaviour,
  FROM,
  RECIPIENTS,
  TwilioSandbox,
} from "@amc/alert-sender/testing/twilio-sandbox";
import { loadConfig } from "@amc/platform/config/load-config";
import { type VirtualClock, virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { systemLayout } from "@amc/platform/runtime/layout";
import { openTelemetry } from "@amc/platform/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channelsText, openSmsChannel } from "./sms-channel.ts";

const READ = { maxRecords: 100_000, maxBytes: 1e9 };
/** One alert to each recipient for each of them, after the other. */
const BEHAVIOURS: readonly Behaviour[] = [
  ...(["takes it", "hangs up", "takes it and hangs up"] as const),
  ...[{ status: 400, code: 21211 }, { status: 429 }, { status: 500, takes: true }],
  ...[{ status: 401 }, { status: 404 }, { status: 503 }],
];
const SECRETS = [
  ...[ACCOUNT_SID, AUTH_TOKEN, Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString("base64")],
  ...[FROM, ...RECIPIENTS].map((number) => number.slice(1)),
];

let sandbox: TwilioSandbox;
let clock: VirtualClock;
let log: Log;
let lines: string;

beforeEach(async () => {
  clock = virtualClock();
  log = createMemoryLog(systemLayout(1), clock.nowMs);
  lines = "";
  sandbox = await TwilioSandbox.start({
    nowMs: clock.nowMs,
    behaviour: (_, count) => BEHAVIOURS[(count - 1) % BEHAVIOURS.length] ?? "takes it",
  });
});
afterEach(() => sandbox.close());

function variablesFor(given: Readonly<Record<string, string>> = {}) {
  return loadConfig({
    ...{ TWILIO_ACCOUNT_SID: ACCOUNT_SID, TWILIO_AUTH_TOKEN: AUTH_TOKEN, TWILIO_FROM_NUMBER: FROM },
    ...{ TWILIO_RECIPIENTS: RECIPIENTS.join(","), TWILIO_BASE_URL: sandbox.origin },
    ...given,
  });
}

async function openedChannel(variables = variablesFor()) {
  const { channel, metrics } = await openChannel(variables);
  if (channel === null) throw new RangeError("an account is configured");
  return { channel, metrics };
}

async function openChannel(variables = variablesFor()) {
  const write = (line: string): void => {
    lines += line;
  };
  const logger = createLogger("trace", { write });
  const telemetry = openTelemetry({ variables, logger, clock, log });
  const metrics = telemetry.metrics.providerCalls;
  const channel = await openSmsChannel({ variables, log, clock, logger, telemetry, metrics });
  return { channel, metrics: () => telemetry.metrics.metrics() };
}

/** Everything that is in the log: records with their headers, and what the sender keeps. */
async function logged(): Promise<string> {
  const found: string[] = [];
  for (const { topic } of log.topics()) {
    for (const { key, value, headers } of await log.read(topic, 0, 0, READ)) {
      found.push(topic, key ?? "", JSON.stringify(headers), Buffer.from(value ?? []).toString());
    }
  }
  for await (const { key, value } of log.state("alert-sender-sms", 0)) {
    found.push(key, Buffer.from(value ?? []).toString());
  }
  return found.join("\n");
}

function countOf(figures: string, end: string): number {
  const [, count] =
    new RegExp(`^amc_text_messages_total{end="${end}"} (\\d+)$`, "m").exec(figures) ?? [];
  return Number(count);
}

describe("alerts as text messages", () => {
  it("leave no number, account or token in log, state, lines or figures, whatever Twilio answers (R-SEC-08)", async () => {
    const keeping = variablesFor({ KEEP_RAW_ANSWERS: "true" });
    const { channel, metrics } = await openedChannel(keeping);
    const symbols = BEHAVIOURS.map((_, index) => `GME${"ABCDEFGHI"[index]}`);
    const happenedAt = clock.nowMs();
    await log.commit({ appends: symbols.map((symbol) => requestOf({ symbol, happenedAt })) });
    const sender = await channel.open();
    const waiting = await logged();
    await settleAll(sender, clock);
    await channel.close();
    const told = new Map([
      ["before", waiting],
      ["log", await logged()],
      ["lines", lines],
      ["figures", await metrics()],
    ]);
    // A kept answer is compressed: what is in it would be found by nobody who looks for it.
    expect(await log.endOffset("ops.provider-answer.v1", 0)).toBe(0);
    // What is looked through is not empty: all of these tell of the same messages.
    for (const where of ["log", "lines"]) expect(told.get(where)).toContain("+1202•••0100");
    expect(told.get("figures")).toContain('amc_provider_api_requests_total{provider="twilio"}');
    const figures = told.get("figures") ?? "";
    for (const end of ["sent", "retried", "refused", "rejected"]) {
      expect(countOf(figures, end), end).toBeGreaterThan(0);
    }
    expect(countOf(figures, "old")).toBe(0);
    const codes = new Set((await deliveriesIn(log)).map(({ error }) => error));
    for (const code of ["twilio.21211", "provider.refused", "provider.connection", null]) {
      expect(codes).toContain(code);
    }
    // What was to be sent has the numbers, and they are found in it.
    const sent = SECRETS.filter((secret) => JSON.stringify(sandbox.messages).includes(secret));
    expect(sent).toHaveLength(1 + RECIPIENTS.length);
    for (const [where, text] of told) {
      const leaked = SECRETS.filter((secret) => text.includes(secret));
      expect(leaked, where).toEqual([]);
    }
  });

  it("are not sent, and nobody is asked, where no account is configured; a start says so", async () => {
    const { channel } = await openChannel(loadConfig({ TWILIO_BASE_URL: sandbox.origin }));
    expect(channel).toBeNull();
    expect(channelsText(channel)).toMatch(/console only.*TWILIO_ACCOUNT_SID/);
    expect(sandbox.requests).toBe(0);
  });

  it("are said to go to numbers that only those know who know them", async () => {
    const { channel } = await openedChannel();
    expect(channelsText(channel)).toMatch(/as text messages to \+1202•••0100, \+1202•••0101$/);
    await channel.close();
  });

  it("are too late after as many minutes as are configured", async () => {
    const { channel, metrics } = await openedChannel(variablesFor({ SMS_MAX_AGE_MINUTES: "2" }));
    const sender = await channel.open();
    await settleAll(sender, clock);
    const happenedAt = clock.nowMs() - 120_001;
    await log.commit({ appends: [requestOf({ symbol: "GME", happenedAt })] });
    await settleAll(sender, clock);
    await channel.close();
    expect(sandbox.requests).toBe(0);
    const errors = (await deliveriesIn(log)).map(({ error }) => error);
    expect(errors).toEqual(RECIPIENTS.map(() => "alert.too-late"));
    // Nobody is paged for a recording.
    const figures = await metrics();
    expect([countOf(figures, "old"), countOf(figures, "too_late")]).toEqual([2, 0]);
  });

  it("show how long the oldest has waited while Twilio is away, and nothing where none is sent", async () => {
    const { nowMs } = clock;
    const away = await TwilioSandbox.start({ nowMs, behaviour: () => ({ status: 503 }) });
    const happenedAt = nowMs();
    const late = Promise.withResolvers<number | null>();
    const { sleep } = clock;
    const looking = async (ms: number, signal?: AbortSignal): Promise<void> => {
      await sleep(ms, signal);
      if (nowMs() - happenedAt > 120_000) late.resolve(await waited());
    };
    clock = { ...clock, sleep: looking };
    const variables = variablesFor({ TWILIO_BASE_URL: away.origin });
    const { channel, metrics } = await openedChannel(variables);
    const waited = async (): Promise<number | null> => {
      const found = /^amc_text_messages_waiting_seconds (\S+)$/m.exec(await metrics());
      return found === null ? null : Number(found[1]);
    };
    expect(await waited()).toBeNull();
    const stop = new AbortController();
    const running = (await channel.open()).run(stop.signal);
    expect(await waited()).toBe(0);
    await log.commit({ appends: [requestOf({ symbol: "GME", happenedAt })] });
    expect(await late.promise).toBeGreaterThan(120);
    stop.abort();
    await running;
    expect(await waited()).toBeNull();
    await channel.close();
    await away.close();
  });

  it("are calls like all others: each is an event of provider twilio, and names no account", async () => {
    const { channel } = await openedChannel();
    const happenedAt = clock.nowMs();
    await log.commit({ appends: [requestOf({ symbol: "GME", happenedAt })] });
    await settleAll(await channel.open(), clock);
    await channel.close();
    expect(await log.endOffset("ops.provider-call.v1", 0)).toBe(sandbox.requests);
    expect(lines).toContain('"provider":"twilio","endpoint":"Messages.json"');
  });
});
