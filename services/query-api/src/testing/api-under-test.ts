import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { type EventOf, TOPIC_NAMES, type TopicName } from "@amc/schemas/topics";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { type ApiOptions, createApi } from "../app.ts";
import { DEFAULT_API_CONFIG } from "../config.ts";
import { memoryReadModel } from "./memory-read-model.ts";
import { story } from "./story.ts";

/** 2021-01-13T15:31:00Z, a minute after the last slot of the story. */
export const NOW_MS = Date.UTC(2021, 0, 13, 15, 31);

export function memoryLog(partitions = 2): Log {
  const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions }));
  return createMemoryLog(layout, () => NOW_MS);
}

/** Appends one event and returns where it lies. */
export async function append<Topic extends TopicName>(
  log: Log,
  topic: Topic,
  id: string,
  value: EventOf<Topic>,
  { key, partition }: { readonly key: string | null; readonly partition?: number },
): Promise<number> {
  const headers = eventHeaders({ id, source: "/amc/test", topic, happenedAt: value.happenedAt });
  const record = { topic, key, value: encodeEvent(topic, value), headers };
  const { offsets } = await log.commit({
    appends: [partition === undefined ? record : { ...record, partition }],
  });
  return offsets[0] ?? 0;
}

/** The whole app over a memory log and the story, without listening. */
export function apiUnderTest(overrides: Partial<ApiOptions> = {}): Promise<FastifyInstance> {
  return createApi({
    config: DEFAULT_API_CONFIG,
    readModel: memoryReadModel({ story: story() }),
    log: memoryLog(),
    // Stories are written without stages; who asks about those names them.
    topology: [],
    cache: { get: async () => null, ping: async () => "in-process" },
    logger: SILENT,
    nowMs: () => NOW_MS,
    ...overrides,
  });
}

const nothing = (): void => undefined;

const SILENT: FastifyBaseLogger = {
  level: "silent",
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  silent: nothing,
  child: () => SILENT,
};
