import { DAY_MS } from "../market/calendar-date.ts";
import { DAYS_BETWEEN_REPORTS_MAX } from "./finra-calendar.ts";

/** Sudden: more than doubled against the report before (domain-facts §9). */
const JUMP_FRACTION = 1;
/** A stated and a held figure of one date that differ by less are the same, rounded (1 %). */
const RESTATED_FRACTION = 0.01;

/** Why a change is unknown, or how far the report before can be trusted. */
export type ChangeNote =
  | "no-previous-report"
  | "previous-zero"
  | "previous-restated"
  | "split-between";

export interface ReportChange {
  /** Shares short at the settlement date before, null when not known. */
  readonly previous: number | null;
  /** (now - before) / before; null where it cannot be compared, with the reason among the notes. */
  readonly change: number | null;
  /** More than doubled (R-SI-12). */
  readonly isJump: boolean;
  readonly notes: readonly ChangeNote[];
}

interface ComparedReport {
  readonly happenedAt: number;
  readonly sharesShort: number;
  /** As the same report states it, null when it does not. */
  readonly previousSharesShort: number | null;
}

/**
 * The change against the report before: what the report itself states of it, else the figure we
 * hold (`held`, null when none). A split between the two leaves nothing to compare, because vendors
 * differ in whether they restate the older figure. `splits` are instants at which one took effect.
 */
export function changeSincePrevious(
  { happenedAt, sharesShort, previousSharesShort: stated }: ComparedReport,
  held: { readonly happenedAt: number; readonly sharesShort: number } | null,
  splits: readonly number[],
): ReportChange {
  const previous = stated ?? held?.sharesShort ?? null;
  if (previous === null) return unknown(null, ["no-previous-report"]);
  const since = held?.happenedAt ?? happenedAt - DAYS_BETWEEN_REPORTS_MAX * DAY_MS;
  if (splits.some((effectiveAt) => since < effectiveAt && effectiveAt <= happenedAt)) {
    return unknown(previous, ["split-between"]);
  }
  const notes: readonly ChangeNote[] =
    stated !== null && held !== null && isRestated(stated, held.sharesShort)
      ? ["previous-restated"]
      : [];
  if (previous === 0) {
    const stillNone = sharesShort === 0;
    return stillNone
      ? { previous, change: 0, isJump: false, notes }
      : unknown(previous, [...notes, "previous-zero"]);
  }
  const change = sharesShort / previous - 1;
  return { previous, change, isJump: change > JUMP_FRACTION, notes };
}

function unknown(previous: number | null, notes: readonly ChangeNote[]): ReportChange {
  return { previous, change: null, isJump: false, notes };
}

function isRestated(stated: number, held: number): boolean {
  return Math.abs(stated - held) > RESTATED_FRACTION * Math.max(stated, held);
}
