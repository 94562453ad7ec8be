import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { bodyOf } from "@amc/schemas/codec";
import type { GateResult, Verdict } from "@amc/schemas/generated/events";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { DERIVED_TOPICS, recordsOf } from "./log-digests.ts";
import { rewriteAfter } from "./rewritten-future.ts";
import { runInMemory } from "./run-topology.ts";
import type { FactSlice } from "./slices.ts";

/** One thing that judged, and how much of its output up to t changed when the future did. */
export interface LookAheadFinding {
  /** A derived topic, `detector squeeze`, `gate vwap_reclaim`, `scorer unified_detectors`, … */
  readonly judge: string;
  readonly outputs: number;
  /** Of these, those that say something: a score, or a gate that had its figure. */
  readonly answers: number;
  readonly changed: number;
}

/**
 * Rewrites every fact published after `atMs` (see `rewriteAfter`) and compares what each detector,
 * gate and scorer said up to `atMs`. Whoever changed has seen the future, however well its results
 * look.
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
    const was = real.get(judge) ?? new Map<string, Output>();
    const is = other.get(judge) ?? new Map<string, Output>();
    const names = new Set([...was.keys(), ...is.keys()]);
    const changed = [...names].filter((name) => was.get(name)?.said !== is.get(name)?.said);
    const answers = [...was.values()].filter(({ answers }) => answers);
    return { judge, outputs: was.size, answers: answers.length, changed: changed.length };
  });
}

interface Output {
  /** All of it, as text that two runs can be compared by. */
  readonly said: string;
  readonly answers: boolean;
}

/** Output up to an instant by judge and by name of the output. */
async function outputsUntil(log: Log, atMs: number): Promise<Map<string, Map<string, Output>>> {
  const outputs = new Map<string, Map<string, Output>>();
  const put = (judge: string, name: string, said: string, answers: boolean): void => {
    const known = outputs.get(judge) ?? new Map<string, Output>();
    known.set(name, { said, answers });
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
      put(topic, event.id, hex, true);
      if (event.topic === "signals.detection.v1")
        put(`detector ${event.value.detector}`, event.id, hex, event.value.score !== null);
      if (event.topic !== "signals.verdict.v1") continue;
      const { strategy, gates, rawScore } = event.value;
      const name = nameOf(event.value);
      put(`scorer ${strategy}`, name, scored(event.value), rawScore !== null);
      for (const gate of gates) put(`gate ${gate.gate}`, name, JSON.stringify(gate), judges(gate));
    }
  }
  return outputs;
}

/** Not the id of the verdict, which changes with everything that it rests on. */
function nameOf({ symbol, happenedAt, trigger }: Verdict): string {
  return `${symbol}/${happenedAt}/${trigger}`;
}

/** What a strategy alone decides; a label and a score of 0 are the gates' as well. */
function scored({ rawScore, contributions, reasons }: Verdict): string {
  return JSON.stringify({ rawScore, contributions, reasons });
}

/** A gate without a figure of its own answers by passing or failing; one without its input does not. */
function judges({ value, outcome, reason }: GateResult): boolean {
  if (value !== null) return true;
  return outcome !== "NOT_APPLICABLE" && reason?.startsWith("missing:") !== true;
}
