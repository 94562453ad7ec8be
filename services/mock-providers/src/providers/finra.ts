import { isTradingDay } from "@amc/streams/market/calendar";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { SHORT_VOLUME_TIME } from "@amc/streams/short-interest/due-collections";
import {
  publishedAt,
  scheduleRows,
  settlementDates,
} from "@amc/streams/short-interest/finra-calendar";
import type { SpoiledKind } from "../failure-kinds.ts";
import type { MockMarket } from "../market/mock-market.ts";
import { noiseOf } from "../market/noise.ts";
import { jsonAnswer, type MockAnswer, type MockRequest, NOT_FOUND } from "../mock-answer.ts";
import type { MockProvider } from "../mock-server.ts";
import { edited } from "../spoiled.ts";

export type FinraRow = Readonly<Record<string, unknown>>;

/** What a mock of FINRA has to tell. */
export interface FinraData {
  /** Rows of a data set that may match `date`; null for a data set that it does not have. */
  readonly rows: (dataset: string, date: string) => readonly FinraRow[] | null;
  /** A daily file by its name; null for one that is not there. */
  readonly file: (name: string) => string | null;
  /** The page of reporting dates; left out where there is none. */
  readonly schedule?: () => string;
  /** The planning documents' mock puts its rows under `data`. */
  readonly wrapped?: boolean;
}

/** A mock with these rows and files, whatever the day. */
export function finraDataOf(given: {
  readonly datasets: Readonly<Record<string, readonly FinraRow[]>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly wrapped?: boolean;
}): FinraData {
  const { datasets, files = {}, wrapped = false } = given;
  return {
    rows: (dataset) => datasets[dataset] ?? null,
    file: (name) => files[name] ?? null,
    wrapped,
  };
}

/** FINRA's query API, which pages and filters, its daily files, and the planning documents' answers. */
export function mockFinra(data: FinraData): MockProvider {
  return { answer: (request) => answerOf(data, request), spoil };
}

/** Where the mock has the page of reporting dates. */
export const SCHEDULE_PAGE = "short-interest-schedule";

function answerOf(data: FinraData, { method, url, body }: MockRequest): MockAnswer {
  const name = url.pathname.split("/").at(-1) ?? "";
  const symbol = url.searchParams.get("symbol");
  const planned = method === "GET" && symbol !== null ? PLANNED[name]?.(symbol) : undefined;
  if (planned !== undefined) return jsonAnswer({ data: [planned] });
  if (method === "GET" && name === SCHEDULE_PAGE && data.schedule !== undefined) {
    return { status: 200, type: "text/html", body: data.schedule() };
  }
  const file = data.file(name);
  if (file !== null) return { status: 200, type: "text/plain", body: file };
  if (method !== "POST") return NOT_FOUND;
  const query: Query = JSON.parse(body);
  const rows = data.rows(name, query.compareFilters[0]?.fieldValue ?? "");
  if (rows === null) return NOT_FOUND;
  const page = pageOf(rows, query);
  if (page.length === 0) return { status: 204, type: null, body: "" };
  return jsonAnswer(data.wrapped === true ? { data: page } : page);
}

interface Query {
  readonly limit: number;
  readonly offset: number;
  readonly compareFilters: readonly { readonly fieldName: string; readonly fieldValue: string }[];
}

function pageOf(rows: readonly FinraRow[], { limit, offset, compareFilters }: Query) {
  const matching = rows.filter((row) =>
    compareFilters.every(({ fieldName, fieldValue }) => row[fieldName] === fieldValue),
  );
  return matching.slice(offset, offset + limit);
}

/**
 * The two answers of the planning documents' mock, word for word but for a date: 1 September 2025 was
 * Labor Day, on which nothing settles (C-07); the settlement before it was of 29 August.
 */
const PLANNED: Readonly<Record<string, (symbol: string) => FinraRow>> = {
  DAILY_SHORT_VOLUME: (symbol) => ({
    ...{ symbol, shortVolume: 150_000, totalVolume: 500_000 },
    ...{ shortVolumeRatio: 0.3, date: "2025-09-05" },
  }),
  SHORT_INTEREST: (symbol) => ({
    ...{ symbol, shortInterestShares: 2_500_000, floatShares: 15_000_000 },
    ...{ shortInterestRatio: 0.167, settlementDate: "2025-08-29" },
  }),
};

/** What the made-up market gives FINRA to publish, none of it before FINRA would. */
export function finraDataOfMarket(market: MockMarket, nowMs: () => number): FinraData {
  return {
    rows: (dataset, date) => {
      if (dataset === "consolidatedShortInterest") return interestRows(market, date, nowMs());
      if (dataset === "regShoDaily") return volumeRows(market, date, nowMs());
      return null;
    },
    file: (name) => {
      const digits = /^CNMSshvol(\d{4})(\d{2})(\d{2})\.txt$/.exec(name);
      if (digits === null) return null;
      const date = digits.slice(1).join("-");
      return isVolumePublic(date, nowMs()) ? dailyFile(market, date) : null;
    },
    schedule: () => schedulePage(Number(newYorkDateOf(nowMs()).slice(0, 4))),
  };
}

/** The periods of a year as the calendar has them, in a table such as a page has. */
function schedulePage(year: number): string {
  const head = "<tr><th>Settlement Date</th><th>Due Date</th><th>Publication Date</th></tr>";
  const rows = scheduleRows(year).map(({ settlementDate, dueDate, publishedDate }) => {
    const cells = [settlementDate, dueDate, publishedDate].map((date) => `<td>${date}</td>`);
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<html><body><table>${head}${rows.join("")}</table></body></html>`;
}

function interestRows(market: MockMarket, date: string, nowMs: number): readonly FinraRow[] {
  const year = Number(date.slice(0, 4));
  const before = [...settlementDates(year - 1), ...settlementDates(year)];
  const at = before.indexOf(date);
  if (at < 1 || publishedAt(date) > nowMs) return [];
  return market.symbols.map((symbol) => {
    const current = market.sharesShort(symbol, date);
    const previous = market.sharesShort(symbol, before[at - 1] ?? date);
    const volume = Math.round(market.usualVolume(symbol));
    return {
      accountingYearMonthNumber: Number(date.replaceAll("-", "")),
      ...{ symbolCode: symbol, issueName: `Mock of ${symbol}`, settlementDate: date },
      ...{ issuerServicesGroupExchangeCode: "R", marketClassCode: "NNM" },
      ...{ currentShortPositionQuantity: current, previousShortPositionQuantity: previous },
      ...{ stockSplitFlag: null, averageDailyVolumeQuantity: volume },
      daysToCoverQuantity: Number(Math.max(1, current / volume).toFixed(2)),
      revisionFlag: null,
      changePercent: Number(((100 * (current - previous)) / previous).toFixed(2)),
      changePreviousNumber: current - previous,
    };
  });
}

const FACILITIES = [
  { code: "NQTRF", market: "Q", share: 0.7 },
  { code: "NYTRF", market: "N", share: 0.3 },
] as const;

function volumeRows(market: MockMarket, date: string, nowMs: number): readonly FinraRow[] {
  if (!isVolumePublic(date, nowMs)) return [];
  return market.symbols.flatMap((symbol) => {
    const { short, exempt, total } = shortVolume(market, symbol, date);
    return FACILITIES.map(({ code, market: marketCode, share }) => ({
      ...{ tradeReportDate: date, securitiesInformationProcessorSymbolIdentifier: symbol },
      shortParQuantity: Math.round(short * share),
      shortExemptParQuantity: Math.round(exempt * share),
      totalParQuantity: Math.round(total * share),
      ...{ marketCode, reportingFacilityCode: code },
    }));
  });
}

function dailyFile(market: MockMarket, date: string): string {
  const day = date.replaceAll("-", "");
  const lines = market.symbols.map((symbol) => {
    const { short, exempt, total } = shortVolume(market, symbol, date);
    return `${day}|${symbol}|${short}|${exempt}|${total}|Q,N`;
  });
  return `Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\n${lines.join("\n")}\n${lines.length}\n`;
}

/** Of what trades off the exchanges: somewhat under half of all volume, about half of it short. */
function shortVolume(market: MockMarket, symbol: string, date: string) {
  const noise = noiseOf(`${symbol} short volume ${date}`);
  const total = Math.round(market.day(symbol, date).volume * (0.35 + 0.1 * noise(0)));
  const short = Math.round(total * (0.4 + 0.2 * noise(1)));
  return { total, short, exempt: Math.round(short * 0.01) };
}

function isVolumePublic(date: string, nowMs: number): boolean {
  return isTradingDay(date) && newYorkToUtc(date, SHORT_VOLUME_TIME) <= nowMs;
}

/** Of a page of short interest or volume; every row of it where one alone would be believed. */
function spoil(kind: SpoiledKind, good: MockAnswer): MockAnswer {
  switch (kind) {
    case "about something else":
      return edited(good, /"(settlementDate|tradeReportDate)":"\d{4}/g, '"$1":"2011');
    case "no numbers":
      return edited(good, QUANTITY, "$1NaN");
    case "negative":
      return edited(good, QUANTITIES, "$1-$2");
    case "of the future":
      return edited(good, /"(settlementDate|tradeReportDate)":"\d{4}/g, '"$1":"2099');
    case "the same time again":
      return edited(good, ROW, (row) => `${row},${row.replace(QUANTITY, "$18")}`);
  }
}

const QUANTITY = /("(?:currentShortPositionQuantity|totalParQuantity)":)\d+/;
const QUANTITIES = /("(?:currentShortPositionQuantity|totalParQuantity)":)(\d+)/g;
const ROW = /\{[^{}]*\}/;
