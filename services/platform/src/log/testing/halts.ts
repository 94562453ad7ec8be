import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { DONE, type Stage, type Subtopology } from "@amc/streams/kernel/stage";
import type { Append } from "../port.ts";

/** Halts of one symbol in one partition, and a stage that does nothing but take them. */
export const HALTS = "market.halt.v1";
const CLOCK = "ops.clock.v1";
export const HALT_LAYOUT = [HALTS, `${HALTS}.dlq`, CLOCK].map((topic) => ({
  ...{ topic, partitions: 1 },
}));

const T0 = Date.UTC(2021, 0, 13, 15, 0);
/** Halts a millisecond apart; so many of them lie within a slice at most. */
const SLICE_MS = 1_000;

const watching: Stage = {
  ...{ name: "watching", version: 1, inputs: [HALTS, CLOCK], outputs: [] },
  init: () => ({ stores: [], step: () => DONE }),
};
export const WATCHING: Subtopology = { name: "watching", timed: true, stages: [watching] };

export function halt(number: number): Append {
  const atMs = T0 + number;
  const value = encodeEvent(HALTS, {
    ...{ symbol: "GME", happenedAt: atMs, publishedAt: atMs, capturedAt: atMs, source: "test" },
    ...{ confidence: 1, stale: false, providerLatencyMs: null, simulated: true },
    ...{ status: "HALTED" as const, reason: null },
  });
  const id = uuidOf(`halt/${number}`);
  const headers = eventHeaders({ id, source: "/test", topic: HALTS, happenedAt: atMs });
  return { topic: HALTS, partition: 0, key: "GME", value, headers };
}

/** The tick that closes a slice of the halts before an offset; slices are numbered from 1. */
export function sliceEnd(endOffset: number, slice = 1): Append {
  const atMs = T0 + slice * SLICE_MS;
  const cuts = [{ topic: HALTS, endOffset }];
  const value = encodeEvent(CLOCK, {
    ...{ happenedAt: atMs, cuts, discovery: true, source: "test" },
  });
  const id = uuidOf(`clock/${slice}`);
  const headers = eventHeaders({ id, source: "/test", topic: CLOCK, happenedAt: atMs });
  return { topic: CLOCK, partition: 0, key: null, value, headers };
}
