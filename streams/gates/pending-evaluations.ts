import type { Features } from "@amc/schemas/generated/events";
import { DETECTOR_NAMES, isDetectorName } from "../detectors/detector.ts";
import type { StageEvent } from "../kernel/stage.ts";
import type { DetectionSet, Evaluation, IdentifiedDetection } from "./verdict.ts";

interface Pending {
  features: Features | null;
  readonly detections: Map<string, IdentifiedDetection>;
}

/**
 * Brings a features event and its six detections together, in whatever order they come. It lives
 * within one slice: the stages before answer at once, and a slice is committed as a whole.
 */
export class PendingEvaluations {
  readonly #pending = new Map<string, Pending>();
  readonly #answered = new Set<string>();

  /** Evaluations that still wait for something. */
  get size(): number {
    return this.#pending.size;
  }

  addFeatures({ id, value }: StageEvent<"signals.features.v1">): Evaluation | null {
    if (this.#answered.has(id)) return null;
    const pending = this.#of(id);
    pending.features = value;
    return this.#complete(id, pending);
  }

  addDetection({ id, value }: StageEvent<"signals.detection.v1">): Evaluation | null {
    if (!isDetectorName(value.detector) || this.#answered.has(value.featuresId)) return null;
    const pending = this.#of(value.featuresId);
    pending.detections.set(value.detector, { id, value });
    return this.#complete(value.featuresId, pending);
  }

  /** Forgets what was answered; call at the end of a slice. */
  endSlice(): void {
    this.#answered.clear();
  }

  #of(featuresId: string): Pending {
    let pending = this.#pending.get(featuresId);
    if (pending === undefined) {
      pending = { features: null, detections: new Map() };
      this.#pending.set(featuresId, pending);
    }
    return pending;
  }

  #complete(featuresId: string, { features, detections }: Pending): Evaluation | null {
    if (features === null || detections.size < DETECTOR_NAMES.length) return null;
    const set = completeSet(detections);
    if (set === null) return null;
    this.#pending.delete(featuresId);
    this.#answered.add(featuresId);
    return { featuresId, features, detections: set };
  }
}

function completeSet(found: ReadonlyMap<string, IdentifiedDetection>): DetectionSet | null {
  const [momentum, squeeze, catalyst, options, technicals, vigl] = DETECTOR_NAMES.map((name) =>
    found.get(name),
  );
  if (!momentum || !squeeze || !catalyst || !options || !technicals || !vigl) return null;
  return {
    volume_momentum: momentum,
    squeeze,
    catalyst_news: catalyst,
    options_flow: options,
    technicals,
    vigl_pattern: vigl,
  };
}
