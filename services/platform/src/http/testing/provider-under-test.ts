import { decodeEvent } from "@amc/schemas/codec";
import { type EventOf, TOPIC_NAMES, type TopicName } from "@amc/schemas/topics";
import { loadConfig } from "../../config/load-config.ts";
import { createMemoryLog } from "../../log/memory.ts";
import type { Log } from "../../log/port.ts";
import { logJournal } from "../log-journal.ts";
import { pinnedAgent } from "../pinned-agent.ts";
import { ProviderClient } from "../provider-client.ts";
import {
  areBreakersOn,
  type Provider,
  type ProviderLimits,
  providerLimits,
} from "../provider-limits.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

export interface ProviderUnderTest {
  readonly client: ProviderClient;
  readonly clock: VirtualClock;
  readonly log: Log;
  close(): Promise<void>;
}

/** Short, for answers that never end; everything else is answered at once. */
const DEADLINE_MS = 1_000;

/** A client with the limits of its provider that may call one local server, on a clock of its own. */
export function providerUnderTest(
  provider: Provider,
  origin: string,
  options: { readonly startMs?: number; readonly limits?: Partial<ProviderLimits> } = {},
): ProviderUnderTest {
  const variables = loadConfig({});
  const trusted = new Set([origin]);
  const agent = pinnedAgent({ trusted, connections: 2, connectMs: 5_000 });
  const clock = virtualClock(options.startMs);
  const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 }));
  const log = createMemoryLog(layout, clock.nowMs);
  const client = new ProviderClient({
    provider,
    limits: { ...providerLimits(provider, variables), deadlineMs: DEADLINE_MS, ...options.limits },
    dispatcher: agent,
    trusted,
    journal: logJournal(log, "/amc/test"),
    clock,
    random: () => 0,
    breakerOn: areBreakersOn(variables),
    simulated: true,
  });
  return { client, clock, log, close: () => agent.destroy() };
}

/** Every event of a topic in a log of one partition. */
export async function eventsOf<Topic extends TopicName>(
  log: Log,
  topic: Topic,
): Promise<EventOf<Topic>[]> {
  const limits = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 };
  const records = await log.read(topic, 0, 0, limits);
  return records.map(({ value }) => {
    const decoded = decodeEvent(topic, value ?? new Uint8Array());
    if (!decoded.ok) throw new TypeError(`${topic} does not decode: ${decoded.code}`);
    return decoded.value;
  });
}
