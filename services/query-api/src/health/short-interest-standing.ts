import { tradingDaysIn } from "@amc/streams/market/calendar";
import { addDays, DAY_MS, daysBetween } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { PUBLICATION_TIME } from "@amc/streams/short-interest/finra-calendar";
import type { ProviderStanding, ReadView, ReportingPeriod } from "../read-model/port.ts";
import type { Component } from "./component.ts";
import { lastHour } from "./provider-components.ts";

/** Where the collection of short interest stands. */
export interface ShortInterestStanding {
  /** Newest settlement date of which a figure came. */
  readonly collected: ReportingPeriod | null;
  /** The next that is to be published. */
  readonly next: ReportingPeriod | null;
  /** Published by the calendar longer ago than the tolerance, and not there; oldest first. */
  readonly late: readonly ReportingPeriod[];
}

/** How FINRA was asked; null where it never was. */
export type FinraChecks = Pick<ProviderStanding, "lastSuccessAt">;

export async function finraChecks(view: ReadView, nowMs: number): Promise<FinraChecks | null> {
  const providers = await view.providers(lastHour(nowMs));
  const finra = providers.find(({ provider }) => provider === "finra_short");
  return finra === undefined || finra.lastCallAt === null ? null : finra;
}

/** Of a log that nobody collects into, such as that of a recording, nothing is late. */
export async function asksFinra(view: ReadView, nowMs: number): Promise<boolean> {
  return (await finraChecks(view, nowMs)) !== null;
}

/**
 * Whether FINRA has not answered for longer than `withinMs` (C-04), days on which nothing trades left out:
 * on these FINRA has nothing new, and nobody need ask.
 */
export function isUnchecked(
  { lastSuccessAt }: FinraChecks,
  nowMs: number,
  withinMs: number,
): boolean {
  if (lastSuccessAt === null) return true;
  const [first, last] = [newYorkDateOf(lastSuccessAt), newYorkDateOf(nowMs)];
  const between = Math.max(0, daysBetween(first, last) - 1);
  const tradingBetween =
    between === 0 ? 0 : tradingDaysIn(addDays(first, 1), addDays(last, -1)).length;
  return nowMs - lastSuccessAt - (between - tradingBetween) * DAY_MS > withinMs;
}

/**
 * What FINRA owes us at an instant (UTC ms). What lies before the first period that was ever collected is
 * nobody's delay: a collector begins with the newest.
 */
export function shortInterestStanding(
  schedule: readonly ReportingPeriod[],
  nowMs: number,
  bufferMs: number,
): ShortInterestStanding {
  const collected = schedule.findLast(({ status }) => status === "processed") ?? null;
  const after = schedule.filter(
    ({ settlementDate }) => collected !== null && settlementDate > collected.settlementDate,
  );
  return {
    collected,
    next: schedule.find((period) => publicAt(period) > nowMs) ?? null,
    late: after.filter((period) => publicAt(period) + bufferMs < nowMs),
  };
}

/** For how long, ms, the oldest period behind the collected one has been public by the calendar. */
export function delayMs(
  { collected }: ShortInterestStanding,
  schedule: readonly ReportingPeriod[],
  nowMs: number,
): number {
  if (collected === null) return 0;
  const owed = schedule.find(({ settlementDate }) => settlementDate > collected.settlementDate);
  return owed === undefined ? 0 : Math.max(0, nowMs - publicAt(owed));
}

/** By the calendar; a period may be overridden by hand. */
export function publicAt({ publishedDate }: ReportingPeriod): number {
  return newYorkToUtc(publishedDate, PUBLICATION_TIME);
}

/** Of an installation that asks FINRA; `uncheckedSince` says since when in vain, null for not. */
export function shortInterestComponent(
  { collected, next, late }: ShortInterestStanding,
  uncheckedSince: string | null,
): Component {
  if (collected === null) return { status: "not_configured", detail: "nothing was collected yet" };
  if (uncheckedSince !== null) {
    const detail = `stale: FINRA has not answered since ${uncheckedSince}; look at finra_api`;
    return { status: "degraded", detail };
  }
  const newest = `newest settlement date ${collected.settlementDate}`;
  const [first] = late;
  if (first !== undefined) {
    const { settlementDate, publishedDate } = first;
    const detail = `FINRA is late with ${settlementDate}, to be published on ${publishedDate}; ${newest}`;
    return { status: "degraded", detail };
  }
  const expected = next === null ? "" : `, ${next.settlementDate} comes on ${next.publishedDate}`;
  return { status: "healthy", detail: `${newest}${expected}` };
}
