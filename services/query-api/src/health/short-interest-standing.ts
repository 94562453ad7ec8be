import { datasetEndpoint, SHORT_INTEREST_DATASET } from "@amc/platform/http/finra-endpoints";
import { tradingDaysIn } from "@amc/streams/market/calendar";
import { addDays, DAY_MS, daysBetween } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { PUBLICATION_TIME } from "@amc/streams/short-interest/finra-calendar";
import { time } from "../json/event-json.ts";
import type { ProviderStanding, ReadView, ReportingPeriod } from "../read-model/port.ts";
import type { Component } from "./component.ts";
import { lastHour } from "./provider-components.ts";

const ENDPOINT = datasetEndpoint(SHORT_INTEREST_DATASET);

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
export interface FinraChecks extends Pick<ProviderStanding, "lastSuccessAt"> {
  /** Since when short interest has been asked for in vain, UTC ms; null for not. */
  readonly unansweredSince: number | null;
}

export async function finraChecks(view: ReadView, nowMs: number): Promise<FinraChecks | null> {
  const finra = await standingOfFinra(view, nowMs);
  if (finra === null) return null;
  const asked = { provider: "finra_short", endpoint: ENDPOINT, throughMs: nowMs } as const;
  return { ...finra, unansweredSince: await view.unansweredSince(asked) };
}

/** Of a log that nobody collects into, such as that of a recording, nothing is late. */
export async function asksFinra(view: ReadView, nowMs: number): Promise<boolean> {
  return (await standingOfFinra(view, nowMs)) !== null;
}

async function standingOfFinra(view: ReadView, nowMs: number): Promise<ProviderStanding | null> {
  const providers = await view.providers(lastHour(nowMs));
  const finra = providers.find(({ provider }) => provider === "finra_short");
  return finra === undefined || finra.lastCallAt === null ? null : finra;
}

/**
 * Since when FINRA has answered nothing, or nothing about short interest, for people; null where that is
 * not for longer than `withinMs` (C-04). Short interest is asked for when some is due, other data and the page
 * of dates each day: that those are answered says nothing of it, and neither does that nobody asked for it.
 */
export function unansweredText(
  { lastSuccessAt, unansweredSince }: FinraChecks,
  nowMs: number,
  withinMs: number,
): string | null {
  if (lastSuccessAt === null) return "since it was first asked";
  if (isLongAgo(lastSuccessAt, nowMs, withinMs)) return `since ${time(lastSuccessAt)}`;
  if (unansweredSince === null || !isLongAgo(unansweredSince, nowMs, withinMs)) return null;
  return `about short interest (${ENDPOINT}) since ${time(unansweredSince)}`;
}

/** Days on which nothing trades left out: on these FINRA has nothing new, and nobody need ask. */
function isLongAgo(atMs: number, nowMs: number, withinMs: number): boolean {
  const [first, last] = [newYorkDateOf(atMs), newYorkDateOf(nowMs)];
  const between = Math.max(0, daysBetween(first, last) - 1);
  const tradingBetween =
    between === 0 ? 0 : tradingDaysIn(addDays(first, 1), addDays(last, -1)).length;
  return nowMs - atMs - (between - tradingBetween) * DAY_MS > withinMs;
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

/** Of an installation that asks FINRA; `unanswered` says since when in vain, null for not. */
export function shortInterestComponent(
  { collected, next, late }: ShortInterestStanding,
  unanswered: string | null,
): Component {
  if (collected === null) return { status: "not_configured", detail: "nothing was collected yet" };
  if (unanswered !== null) {
    const detail = `stale: FINRA has not answered ${unanswered}; look at finra_api`;
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
