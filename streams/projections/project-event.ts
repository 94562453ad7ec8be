import type { AnyExcerpt } from "../kernel/event-excerpt.ts";
import { projectAlertDelivery, projectAlertRequested } from "./alerts/project.ts";
import { type CacheSettings, DEFAULT_CACHE } from "./cache-settings.ts";
import { projectCandidate } from "./candidates/project.ts";
import type { CacheChange, Changes, RecordOrigin, RowChange } from "./change.ts";
import { projectDetection } from "./detections/project.ts";
import { indexEvent } from "./event-index/project.ts";
import { cacheExperimentPlan, cacheExperimentResult } from "./experiments/cache.ts";
import { projectExperimentPlan, projectExperimentResult } from "./experiments/project.ts";
import { projectFeatures } from "./features/project.ts";
import { type Misfit, misfitOf } from "./fit-row.ts";
import { projectHourMetric } from "./hour-metrics/project.ts";
import { projectJobRun } from "./job-runs/project.ts";
import { projectOperationalAlert } from "./operational-alerts/project.ts";
import { projectPosition } from "./positions/project.ts";
import { projectPriceTick } from "./prices/project.ts";
import { projectBreakerChange, projectProviderCall } from "./provider-calls/project.ts";
import { projectRecommendation } from "./recommendations/project.ts";
import {
  projectScheduleAt,
  projectScheduleDecision,
  projectShortInterest,
} from "./reporting-schedule/project.ts";
import { cacheRun } from "./runs/cache.ts";
import { projectRun } from "./runs/project.ts";
import { staleBefore } from "./runs/stale-answers.ts";
import { projectShortQuality } from "./short-quality/project.ts";
import { projectStageTiming } from "./stage-timings/project.ts";
import { projectVerdict } from "./verdicts/project.ts";

const NOTHING: Changes = { rows: [], cache: [], staleBefore: null };

/** What an event changes, or the first value that no column can hold. */
export type Projected =
  | { readonly ok: true; readonly changes: Changes }
  | { readonly ok: false; readonly misfit: Misfit };

/** Pure: the same event, record and origin give the same changes. `record` is the raw value. */
export function projectEvent(
  event: AnyExcerpt,
  record: Uint8Array,
  origin: RecordOrigin,
  cache: CacheSettings = DEFAULT_CACHE,
): Projected {
  const changes = changesOf(event, record, origin, cache);
  for (const row of changes.rows) {
    const misfit = misfitOf(row);
    if (misfit !== null) return { ok: false, misfit };
  }
  return { ok: true, changes };
}

function changesOf(
  event: AnyExcerpt,
  record: Uint8Array,
  origin: RecordOrigin,
  cache: CacheSettings,
): Changes {
  switch (event.topic) {
    case "market.price-tick.v1":
      return changes(projectPriceTick(event));
    case "signals.features.v1":
      return event.value.trigger === "SLICE"
        ? changes(projectFeatures(event, record))
        : indexed(event, origin, projectFeatures(event, record));
    case "signals.detection.v1":
      return indexed(event, origin, projectDetection(event, record));
    case "signals.verdict.v1":
      return indexed(event, origin, projectVerdict(event, record));
    case "discovery.candidate.v1":
      return indexed(event, origin, projectCandidate(event, record));
    case "discovery.run.v1":
      return indexed(
        event,
        origin,
        projectRun(event, record),
        cacheRun(event.value, cache.discovery),
      );
    case "discovery.recommendation.v1":
      return indexed(event, origin, projectRecommendation(event, record));
    case "alerts.requested.v1":
      return indexed(event, origin, projectAlertRequested(event));
    case "alerts.delivery.v1":
      return indexed(event, origin, projectAlertDelivery(event));
    case "portfolio.position.v1":
      return changes(projectPosition(event, origin));
    case "experiments.result.v1":
      return indexed(
        event,
        origin,
        projectExperimentResult(event, record),
        cacheExperimentResult(event, cache.experiments),
      );
    case "ops.control.v1":
      // Every partition has the same settings: one of them is enough.
      if (origin.partition !== 0) return NOTHING;
      if (origin.projection === "calendar") return changes(projectScheduleDecision(event));
      return changes(projectExperimentPlan(event), cacheExperimentPlan(event, cache.experiments));
    case "ops.clock.v1":
      // Every partition has the same ticks: one of them is enough.
      if (origin.partition !== 0) return NOTHING;
      return {
        ...changes(projectScheduleAt(event)),
        staleBefore: staleBefore(event.value.happenedAt),
      };
    case "short.interest.v1":
      return changes(projectShortInterest(event));
    case "short.quality.v1":
      return indexed(event, origin, projectShortQuality(event, record));
    default:
      return changes(operationRows(event, record, origin));
  }
}

/** What is told of the running system; nothing of any other event. */
function operationRows(
  event: AnyExcerpt,
  record: Uint8Array,
  origin: RecordOrigin,
): readonly RowChange[] {
  switch (event.topic) {
    case "ops.stage-timing.v1":
      return projectStageTiming(event, origin.projection);
    case "ops.provider-call.v1":
      return projectProviderCall(event);
    case "ops.circuit-breaker.v1":
      return projectBreakerChange(event);
    case "ops.job-run.v1":
      return projectJobRun(event, record);
    case "ops.alert-raised.v1":
      return projectOperationalAlert(event, record);
    case "ops.hour-metric.v1":
      return projectHourMetric(event, record);
    default:
      return [];
  }
}

function changes(rows: readonly RowChange[], cache: readonly CacheChange[] = []): Changes {
  return { rows, cache, staleBefore: null };
}

function indexed(
  event: AnyExcerpt,
  origin: RecordOrigin,
  rows: readonly RowChange[],
  cache: readonly CacheChange[] = [],
): Changes {
  return changes([...rows, indexEvent(event, origin)], cache);
}
