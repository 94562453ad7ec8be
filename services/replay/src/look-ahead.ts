import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { bodyOf, decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { DERIVED_TOPICS, recordsOf } from "./log-digests.ts";
import { runInMemory } from "./run-topology.ts";
import { seededRandom } from "./seeded-random.ts";
import type { FactSlice, SliceFactAppend } from "./slices.ts";

/** One thing that judged, and how much of its output up to t changed when the future did. */
export interface LookAheadFinding {
  /** `features`, `detector squeeze`, `gate vwap`, `scorer unified_detectors`, … */
  readonly judge: string;
  readonly outputs: number;
  readonly changed: number;
}

/**
 * Rewrites every fact published after `atMs` (other prices, volumes and figures; some dropped) and
 * compares what each detector, gate and scorer said up to `atMs`. Whoever changed has seen the
 * future, however well its results look.
 */
export async function findLookAhead(
  facts: readonly FactSlice[],
  atMs: number,
  topologyFor: (facts: readonly FactSlice[]) => readonly Subtopology[],
  seed = 1,
): Promise<readonly LookAheadFinding[]> {
  const rewritten = rewriteAfter(facts, atMs, seed);
  const real = await outputsUntil(await runInMemory(facts, topologyFor(facts)), atMs);
  const other = await outputsUntil(await runInMemory(rewritten, topologyFor(rewritten)), atMs);
  const judges = [...new Set([...real.keys(), ...other.keys()])].sort();
  return judges.map((judge) => {
    const was = real.get(judge) ?? new Map<string, string>();
    const is = other.get(judge) ?? new Map<string, string>();
    const names = new Set([...was.keys(), ...is.keys()]);
    const changed = [...names].filter((name) => was.get(name) !== is.get(name)).length;
    return { judge, outputs: was.size, changed };
  });
}

/** The same market up to `atMs` and another one after it. */
export function rewriteAfter(
  facts: readonly FactSlice[],
  atMs: number,
  seed: number,
): readonly FactSlice[] {
  const random = seededRandom(seed);
  return facts.map((slice) => {
    if (slice.facts.every(({ publishedAt }) => publishedAt <= atMs)) return slice;
    const rewritten = slice.facts.flatMap((fact) => {
      if (fact.publishedAt <= atMs) return [fact];
      return random() < 0.1 ? [] : [rewrite(fact, 0.5 + random())];
    });
    return { ...slice, facts: rewritten };
  });
}

/** Numbers a rewrite leaves alone: when a fact happened and became known is what it is ordered by. */
const KEPT: ReadonlySet<string> = new Set([
  "happenedAt",
  "publishedAt",
  "capturedAt",
  "effectiveAt",
  "eventAt",
  "intervalMs",
  "confidence",
  "credibility",
]);
/** Fields whose schema holds whole numbers. */
const WHOLE: ReadonlySet<string> = new Set([
  "sharesShort",
  "previousSharesShort",
  "quantity",
  "tradeCount",
  "providerLatencyMs",
]);

function rewrite(fact: SliceFactAppend, factor: number): SliceFactAppend {
  const { topic, append } = fact;
  if (append.value === null) return fact;
  const decoded = decodeEvent(topic, append.value);
  if (!decoded.ok) return fact;
  // Every price of a fact moves by the same factor, so that it stays a possible fact.
  const changed: Record<string, unknown> = { ...decoded.value };
  for (const [field, value] of Object.entries(changed)) {
    if (typeof value !== "number" || KEPT.has(field)) continue;
    changed[field] = WHOLE.has(field) ? Math.round(value * factor) : value * factor;
  }
  const reread = Object.assign(structuredClone(decoded.value), changed);
  return { ...fact, append: { ...append, value: encodeEvent(topic, reread) } };
}

/** Output up to an instant by judge: name of the output to its bytes in hex. */
async function outputsUntil(log: Log, atMs: number): Promise<Map<string, Map<string, string>>> {
  const outputs = new Map<string, Map<string, string>>();
  const put = (judge: string, name: string, bytes: string): void => {
    const known = outputs.get(judge) ?? new Map<string, string>();
    known.set(name, bytes);
    outputs.set(judge, known);
  };
  for (const topic of DERIVED_TOPICS) {
    for await (const record of recordsOf(log, topic)) {
      const decoded = decodeRecord(record, false);
      if (!decoded.ok || record.value === null) {
        throw new TypeError(`a derived record of ${topic} cannot be read`);
      }
      const { event } = decoded;
      if (event.value.happenedAt > atMs) continue;
      const hex = Buffer.from(bodyOf(record.value)).toString("hex");
      put(topic, event.id, hex);
      if (event.topic === "signals.detection.v1")
        put(`detector ${event.value.detector}`, event.id, hex);
      if (event.topic !== "signals.verdict.v1") continue;
      put(`scorer ${event.value.strategy}`, event.id, hex);
      for (const gate of event.value.gates) {
        put(
          `gate ${gate.gate}`,
          `${event.value.symbol}/${event.value.happenedAt}`,
          JSON.stringify(gate),
        );
      }
    }
  }
  return outputs;
}
