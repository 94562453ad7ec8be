import { nextTradingDay, previousTradingDay, tradingDayAtOrBefore } from "../market/calendar.ts";
import { newYorkDateOf, newYorkToUtc } from "../market/event-time.ts";
import { settlementDates } from "./finra-calendar.ts";
import { COMPUTED_SCHEDULE, type ScheduleInForce } from "./schedule-in-force.ts";

/**
 * FINRA posts the short volume of a day by then. The planning documents ask at 18:30
 * (`finra_daily_short_volume`), half an hour later.
 */
export const SHORT_VOLUME_TIME = "18:00";

/**
 * Days of short volume that are made up for at most, about a month of sessions; a collector that was
 * away for longer begins with the oldest of the newest 20, and `amc ingest finra --day` takes the rest.
 */
const DAYS_MAX = 20;

/** The period in hand and the one it is compared with: what any judgement still rests on. */
const REVISABLE_DATES = 2;

/**
 * Settlement dates whose figures are public at an instant (UTC ms) and that lie after the newest one
 * collected, ascending. Nothing is due before FINRA publishes, however long ago the settlement was:
 * the planning documents' two days after it would ask in vain (C-08). A collector without a past
 * begins with the newest. A date that a person put off until after the one behind it is none of these by
 * then: `revisableSettlements` has it.
 */
export function dueSettlements(
  collected: string | null,
  atMs: number,
  schedule: ScheduleInForce = COMPUTED_SCHEDULE,
): string[] {
  const newest = schedule.newestPublished(atMs);
  if (collected === null) return [newest];
  const due: string[] = [];
  for (let year = yearOf(collected); year <= yearOf(newest); year += 1) {
    due.push(...settlementDates(year).filter((date) => collected < date && date <= newest));
  }
  return due.filter((date) => schedule.publishedAt(date) <= atMs);
}

/**
 * Settlement dates that are asked for again for what FINRA has revised since: the newest collected and the
 * one before, which later reports state again. Ascending.
 */
export function revisableSettlements(
  collected: string,
  atMs: number,
  schedule: ScheduleInForce = COMPUTED_SCHEDULE,
): string[] {
  const year = yearOf(collected);
  return [...settlementDates(year - 1), ...settlementDates(year)]
    .filter((date) => date <= collected)
    .slice(-REVISABLE_DATES)
    .filter((date) => schedule.publishedAt(date) <= atMs);
}

/** Trading days whose short volume is public at an instant (UTC ms), as `dueSettlements`. */
export function dueShortVolumeDays(collected: string | null, atMs: number): string[] {
  const newest = newestVolumeDay(atMs);
  if (collected === null) return [newest];
  const due: string[] = [];
  for (let day = nextTradingDay(collected); day <= newest; day = nextTradingDay(day)) due.push(day);
  return due.slice(-DAYS_MAX);
}

function newestVolumeDay(atMs: number): string {
  const day = tradingDayAtOrBefore(newYorkDateOf(atMs));
  return newYorkToUtc(day, SHORT_VOLUME_TIME) <= atMs ? day : previousTradingDay(day);
}

function yearOf(date: string): number {
  return Number(date.slice(0, 4));
}
