import type { StageEvent } from "../kernel/stage.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import {
  newestPublishedDate,
  PUBLICATION_TIME,
  type ReportingScheduleRow,
  scheduleRow,
} from "./finra-calendar.ts";
import { type PeriodDays, periodOfSetting, readDays } from "./schedule-override.ts";

/** What a schedule is made of, in whatever order it comes. */
type ScheduleDecision = Pick<StageEvent<"ops.control.v1">, "id" | "value">;

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
 * whoever asks again about that instant hears the same. Of decisions about one period the newest is in force,
 * as `finra_schedule_overrides` has it: of two of one instant that with the greater id. One without a value
 * leaves the period to the calendar; one that cannot be read is in force nowhere.
 */
export function scheduleAt(decisions: Iterable<ScheduleDecision>, atMs: number): ScheduleInForce {
  const newest = new Map<string, ReadDecision>();
  for (const { id, value: decision } of decisions) {
    const { setting, value, publishedAt: decidedAt } = decision;
    const date = periodOfSetting(setting);
    if (date === null || decidedAt > atMs) continue;
    const read = readDays(date, value);
    if (!read.ok || !isNewer({ decidedAt, id }, newest.get(date))) continue;
    newest.set(date, { decidedAt, id, days: value === null ? null : read.days });
  }
  const byHand = new Map<string, PeriodDays>();
  for (const [date, { days }] of newest) if (days !== null) byHand.set(date, days);
  return new ScheduleInForce(byHand);
}

interface ReadDecision {
  readonly decidedAt: number;
  readonly id: string;
  /** Null when it withdraws the one before. */
  readonly days: PeriodDays | null;
}

function isNewer(
  { decidedAt, id }: Pick<ReadDecision, "decidedAt" | "id">,
  known: ReadDecision | undefined,
): boolean {
  if (known === undefined || decidedAt !== known.decidedAt) {
    return known === undefined || decidedAt > known.decidedAt;
  }
  return id > known.id;
}
