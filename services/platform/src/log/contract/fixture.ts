import { afterEach, expect } from "vitest";
import type { LogErrorCode } from "../errors.ts";
import type { Append, Log, LogRecord, StateChange, TopicLayout } from "../port.ts";

/** One log of an adapter, with what the suite must be able to do to it. */
export interface LogFixture {
  readonly log: Log;
  /** Set where offsets ascend with gaps between them, which the port allows; otherwise 0, 1, 2 …. */
  readonly hasGaps?: boolean;
  /** Lets append time move on by at least a millisecond. */
  readonly later: () => Promise<void>;
  /** The log as a restarted process finds it; the same one where nothing outlives the process. */
  readonly reopen: () => Promise<Log>;
  readonly close: () => Promise<void>;
}

export type LogFactory = (layout: readonly TopicLayout[]) => Promise<LogFixture>;

export const FACTS = "market.price-tick.v1";
export const SIGNALS = "signals.features.v1";
export const CLOCK = "ops.clock.v1";

const LAYOUT: readonly TopicLayout[] = [
  { topic: FACTS, partitions: 4 },
  { topic: SIGNALS, partitions: 4 },
  { topic: CLOCK, partitions: 4 },
];

/** Opens logs for the tests of one `describe` and closes them after each. */
export function fixtures(factory: LogFactory): () => Promise<LogFixture> {
  const opened: LogFixture[] = [];
  afterEach(async () => {
    for (const fixture of opened.splice(0)) await fixture.close();
  });
  return async () => {
    const fixture = await factory(LAYOUT);
    opened.push(fixture);
    return fixture;
  };
}

/** The same log before and after a restart, for what must hold in both. */
export async function* aroundRestart(fixture: LogFixture): AsyncGenerator<Log> {
  yield fixture.log;
  yield await fixture.reopen();
}

export function append(topic: string, key: string, text: string, partition?: number): Append {
  return {
    topic,
    key,
    value: new TextEncoder().encode(text),
    headers: { ce_id: `id-${text}` },
    ...(partition === undefined ? {} : { partition }),
  };
}

/** Everything a partition holds from an offset on, read in steps. */
export async function readAll(
  log: Log,
  topic: string,
  partition: number,
  from?: number,
  maxRecords = 1_000,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  let offset = from ?? (await log.startOffset(topic, partition));
  for (;;) {
    const batch = await log.read(topic, partition, offset, { maxRecords, maxBytes: 1 << 20 });
    if (batch.length === 0) return records;
    records.push(...batch);
    offset = offsetAfter(batch);
  }
}

/** Where reading goes on behind some records. */
export function offsetAfter(records: readonly { readonly offset: number }[]): number {
  return (records.at(-1)?.offset ?? -1) + 1;
}

/** Expects the offsets of a log without gaps; with gaps, none may be smaller. */
export function expectOffsets(
  { hasGaps }: LogFixture,
  actual: readonly number[],
  dense: readonly number[],
): void {
  expect(actual).toHaveLength(dense.length);
  if (hasGaps === true) {
    for (const [index, offset] of actual.entries()) {
      expect(offset).toBeGreaterThanOrEqual(dense[index] ?? 0);
    }
  } else {
    expect(actual).toEqual(dense);
  }
}

export function texts(records: readonly { readonly value: Uint8Array | null }[]): string[] {
  return records.map(({ value }) => (value === null ? "" : new TextDecoder().decode(value)));
}

export async function stateOf(log: Log, group: string, partition: number): Promise<string[]> {
  const entries: string[] = [];
  for await (const { store, key, value } of log.state(group, partition)) {
    entries.push(`${store}/${key}=${texts([{ value }])[0]}`);
  }
  return entries;
}

export function change(store: string, key: string, text: string | null): StateChange {
  return { store, key, value: text === null ? null : new TextEncoder().encode(text) };
}

/** Matches errors the way callers do, by code. */
export async function expectLogError(promise: Promise<unknown>, code: LogErrorCode): Promise<void> {
  await expect(promise).rejects.toMatchObject({ name: "LogError", code });
}
