import type { Session, Trigger } from "@amc/schemas/generated/events";
import { minutesSinceOpen, sessionBounds } from "../market/sessions.ts";
import { ADV_SESSIONS, type DailyIndicators } from "./daily-indicators.ts";
import type { DayValues } from "./day-values.ts";
import type { MissingValues } from "./missing-values.ts";
import { scopeClassOf } from "./volume-scope.ts";

/** A relative volume is never judged on less than half an hour of trading (domain-facts §3). */
const RELVOL_MINUTES_MIN = 30;

/** Relative volumes of the running day, all null together when there is no comparable volume. */
export interface VolumeValues {
  readonly volumeSpikeRaw: number | null;
  readonly volumeSpike: number | null;
  readonly volumeSpikeEarly: number | null;
  readonly volumeSpikeConfirmation: number | null;
  readonly relvol30: number | null;
  readonly relvol5: number | null;
}

interface VolumeMoment {
  /** Instant of the tick, UTC ms. */
  readonly atMs: number;
  /** Trading day that is looked at, yyyy-mm-dd. */
  readonly day: string;
  readonly trigger: Trigger;
}

const VOLUME_FEATURES = [
  "volumeSpikeRaw",
  "volumeSpike",
  "volumeSpikeEarly",
  "volumeSpikeConfirmation",
  "relvol30",
  "relvol5",
] as const;

const NO_VOLUMES: VolumeValues = {
  volumeSpikeRaw: null,
  volumeSpike: null,
  volumeSpikeEarly: null,
  volumeSpikeConfirmation: null,
  relvol30: null,
  relvol5: null,
};

/** The volume of the day against what is usual; a null is noted in `missing` with its reason. */
export function volumeValues(
  today: DayValues,
  indicators: DailyIndicators,
  { atMs, day, trigger }: VolumeMoment,
  session: Session,
  missing: MissingValues,
): VolumeValues {
  const { adv30, adv10, adv5, scopeClass, sessions } = indicators;
  const volume = today.sessionVolume;
  if (volume === null) {
    for (const feature of VOLUME_FEATURES) missing.note(feature, "no-intraday-bars");
    return NO_VOLUMES;
  }
  if (adv30 === null || adv10 === null || adv5 === null) {
    for (const feature of VOLUME_FEATURES) missing.warm(feature, null, sessions, ADV_SESSIONS);
    return NO_VOLUMES;
  }
  if (today.scope === null || scopeClassOf(today.scope) !== scopeClass) {
    for (const feature of VOLUME_FEATURES) missing.note(feature, "scope");
    return NO_VOLUMES;
  }
  const bounds = sessionBounds(day);
  const over = trigger === "DAILY" || atMs >= bounds.closeMs;
  const started = over || atMs >= bounds.openMs;
  const minutes = Math.max(RELVOL_MINUTES_MIN, minutesSinceOpen(bounds, atMs));
  const expectedShare = over ? 1 : minutes / bounds.regularMinutes;
  const relative = session === "REGULAR";
  return {
    volumeSpikeRaw: missing.ratio("volumeSpikeRaw", volume, adv30),
    volumeSpike: started
      ? missing.ratio("volumeSpike", volume, adv30 * expectedShare)
      : missing.note("volumeSpike", "outside-regular-session"),
    volumeSpikeEarly: times(missing.ratio("volumeSpikeEarly", volume, adv5), 0.8),
    volumeSpikeConfirmation: times(missing.ratio("volumeSpikeConfirmation", volume, adv10), 0.9),
    relvol30: relative
      ? missing.ratio("relvol30", volume, adv30 * expectedShare)
      : missing.note("relvol30", "outside-regular-session"),
    relvol5: relative
      ? missing.ratio("relvol5", volume, adv5 * expectedShare)
      : missing.note("relvol5", "outside-regular-session"),
  };
}

function times(ratio: number | null, factor: number): number | null {
  return ratio === null ? null : ratio * factor;
}
