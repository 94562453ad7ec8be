import type { Control } from "@amc/schemas/generated/events";
import { newYorkToUtc } from "../market/event-time.ts";
import {
  newestPublishedDate,
  PUBLICATION_TIME,
  type ReportingScheduleRow,
  scheduleRow,
} from "./finra-calendar.ts";
import { type PeriodDays, periodOfSetting, readDays } from "./schedule-override.ts";

/** What a schedule is made of, in whatever order it comes. */
type ScheduleDecision = Pick<Control, "setting" | "value" | "publishedAt">;

/** The reporting schedule with what people have decided by hand, which wins over the calendar (R-SI-17). */
export class ScheduleInForce {
  readonly #byHand: ReadonlyMap<string, PeriodDays>;

  constructor(byHand: ReadonlyMap<string, PeriodDays> = new Map()) {
    this.#byHand = byHand;
  }

  isByHand(settlementDate: string): boolean {
    return this.#byHand.has(settlementDate);
  }

  /** The period of one settlement date. */
  row(settlementDate: string): ReportingScheduleRow {
    const computed = scheduleRow(settlementDate);
    return { ...computed, ...this.#byHand.get(settlementDate) };
  }

  /** First instant at which the figures of a settlement date count as public, UTC ms. */
  publishedAt(settlementDate: string): number {
    return newYorkToUtc(this.row(settlementDate).publishedDate, PUBLICATION_TIME);
  }

  /** The newest settlement date whose figures were public at an instant (UTC ms). */
  newestPublished(epochMs: number): string {
    return newestPublishedDate(epochMs, (date) => this.publishedAt(date));
  }
}

/** Nothing was decided by hand. */
export const COMPUTED_SCHEDULE = new ScheduleInForce();

/**
 * The schedule as it was decided up to an instant (UTC ms): what was decided later does not count, so
 * whoever asks again about that instant hears the same. Of decisions about one period the newest is in force;
 * one without a value, or with one that cannot be read, leaves it to the calendar.
 */
export function scheduleAt(decisions: Iterable<ScheduleDecision>, atMs: number): ScheduleInForce {
  const newest = new Map<string, ScheduleDecision>();
  for (const decision of decisions) {
    const date = periodOfSetting(decision.setting);
    if (date === null || decision.publishedAt > atMs) continue;
    const known = newest.get(date);
    if (known === undefined || decision.publishedAt >= known.publishedAt) {
      newest.set(date, decision);
    }
  }
  const byHand = new Map<string, PeriodDays>();
  for (const [date, { value }] of newest) {
    const read = readDays(date, value);
    if (value !== null && read.ok) byHand.set(date, read.days);
  }
  return new ScheduleInForce(byHand);
}
