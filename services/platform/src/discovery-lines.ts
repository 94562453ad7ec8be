import { decodeEvent } from "@amc/schemas/codec";
import type { Run, SlotClosed } from "@amc/schemas/generated/events";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import type { Append } from "./log/port.ts";
import type { CommittedBatch, RunnerObserver } from "./runtime/runner-observer.ts";
import { fallsOf, namedOf, SlotTrail } from "./slot-trail.ts";

/** The part of a pino logger that is used here. */
interface DebugLogger {
  debug(facts: object, message: string): void;
}

/**
 * What each stage of discovery took and gave for each slot, and why symbols fell
 * (`DEBUG_DISCOVERY_PIPELINE`), read from the events that a batch has committed: a slice is never split,
 * so all that a partition did for a slot is in one batch.
 */
export class DiscoveryLines implements RunnerObserver {
  readonly #logger: DebugLogger;

  constructor(logger: DebugLogger) {
    this.#logger = logger;
  }

  committed({ appends }: Pick<CommittedBatch, "appends">): void {
    const batch = new BatchTrails();
    for (const append of appends) batch.saw(append);
    for (const closed of batch.closed) {
      // Every market is asked at the daily instant; where all symbols have minutes nobody answers.
      if (closed.trigger === "DAILY" && closed.universe === 0 && closed.reduction === null)
        continue;
      for (const line of batch.of(closed).lines(closed)) {
        this.#logger.debug({ ...placeOf(closed), ...line }, "discovery");
      }
    }
    for (const run of batch.runs) {
      this.#logger.debug(runLine(run, batch.recommended.get(run.runId) ?? []), "discovery");
    }
  }
}

type Place = Pick<SlotClosed, "slot" | "trigger">;

/** The events of one batch, slot by slot. */
class BatchTrails {
  readonly closed: SlotClosed[] = [];
  readonly runs: Run[] = [];
  /** Symbols by run. */
  readonly recommended = new Map<string, string[]>();
  readonly #trails = new Map<string, SlotTrail>();

  of({ slot, trigger }: Place): SlotTrail {
    const key = `${slot}/${trigger}`;
    const trail = this.#trails.get(key) ?? new SlotTrail();
    this.#trails.set(key, trail);
    return trail;
  }

  saw(append: Append): void {
    const features = read("signals.features.v1", append);
    if (features !== null) this.#ofSlot(features)?.sawFeatures(features);
    const detection = read("signals.detection.v1", append);
    if (detection !== null) this.#ofSlot(detection)?.sawDetection(detection);
    const verdict = read("signals.verdict.v1", append);
    if (verdict !== null) this.#ofSlot(verdict)?.sawVerdict(verdict);
    const candidate = read("discovery.candidate.v1", append);
    if (candidate !== null) this.of(candidate).sawCandidate(candidate);
    const closed = read("ops.slot-closed.v1", append);
    if (closed !== null) this.closed.push(closed);
    const timing = read("ops.stage-timing.v1", append);
    for (const place of this.closed) {
      if (timing?.slot === place.slot) this.of(place).sawTiming(timing);
    }
    this.#sawDiscovery(append);
  }

  #sawDiscovery(append: Append): void {
    const run = read("discovery.run.v1", append);
    if (run !== null) this.runs.push(run);
    const recommendation = read("discovery.recommendation.v1", append);
    if (recommendation === null) return;
    const { runId, symbol } = recommendation;
    this.recommended.set(runId, [...(this.recommended.get(runId) ?? []), symbol]);
  }

  /** Null for what is looked at between two slots. */
  #ofSlot({ slot, trigger }: { slot: number | null; trigger: Run["trigger"] }): SlotTrail | null {
    const isOfSlot = trigger === "SLOT" || trigger === "DAILY";
    return slot === null || !isOfSlot ? null : this.of({ slot, trigger });
  }
}

/** Null for an event of another topic; what this process has just written it can read. */
function read<T extends TopicName>(topic: T, append: Append): EventOf<T> | null {
  if (append.topic !== topic || append.value === null) return null;
  const decoded = decodeEvent(topic, append.value);
  return decoded.ok ? decoded.value : null;
}

function placeOf({ slot, trigger }: Place): object {
  return { slot: new Date(slot).toISOString(), trigger };
}

function runLine(run: Run, recommended: readonly string[]): object {
  const { runId, passed, candidates, candidatesBeforeCap } = run;
  return {
    ...{ ...placeOf(run), stage: "discovery", runId, in: passed, out: candidates.length },
    ...{
      unlisted: passed - candidatesBeforeCap,
      beyondCap: candidatesBeforeCap - candidates.length,
    },
    ...{ funnel: run.stageCounts, fell: fallsOf(run.eliminations) },
    ...{ health: run.healthStatus, healthMessages: run.healthMessages },
    ...{ recommended: namedOf(recommended), recommendations: recommended.length },
  };
}
