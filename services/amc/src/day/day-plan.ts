import { MockMarket } from "@amc/mock-providers/market/mock-market";
import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import type { Log } from "@amc/platform/log/port";
import { tradingDayAtOrBefore } from "@amc/streams/market/calendar";
import { addDays } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import type { HeardHealth } from "./heard-health.ts";

/** One provider that fails in every answer of a part of the day. */
export interface Outage {
  readonly provider: MockedProvider;
  /** UTC ms, on whole quarters of an hour: the first included and the last not. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What is played. */
export interface DayPlan {
  /** Calendar date in New York, `yyyy-mm-dd`. */
  readonly date: string;
  /** UTC ms: the system is started at the first, and asked to end at the last. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly symbols: readonly string[];
  readonly outage: Outage | null;
  /** An empty directory. */
  readonly dataDirectory: string;
  /** Variables beside those that make providers mocks; `DATABASE_URL` for a server that runs already. */
  readonly environment: Readonly<Record<string, string>>;
  /** For builds that are broken on purpose. */
  readonly parts: DayParts;
  readonly onTime: (atMs: number) => void;
}

/** What a broken build does otherwise. */
export interface DayParts {
  /** Those who do the jobs, each with the log as it has it; one in a build that is sound. */
  readonly workers: readonly ((log: Log) => Log)[];
  /** What `/health` says of what the parts say. */
  readonly health: (heard: HeardHealth) => HeardHealth;
}

export const SOUND_PARTS: DayParts = { workers: [(log) => log], health: (heard) => heard };

const QUIET = ["AMC", "GME"] as const;
/** As many as make a run that finds something. */
const SURGING = 6;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");

/** Symbols of the made-up market: those of whom most have much to tell on a date, so that something is found. */
export function daySymbols(date: string): readonly string[] {
  const market = new MockMarket([]);
  const day = tradingDayAtOrBefore(date);
  const made = LETTERS.flatMap((one) => LETTERS.map((other) => `MO${one}${other}`));
  const surging = made.filter((symbol) => market.surges(symbol, day)).slice(0, SURGING);
  return [...QUIET, ...surging];
}

/** Gates that let pass what the made-up market has to show. */
export const DAY_SCORING = { SCORING_PROFILE: "active" } as const;

/** From before the premarket until the last job of the day, and the first of the next, are over. */
export function spanOf(date: string): Pick<DayPlan, "fromMs" | "toMs"> {
  return { fromMs: newYorkToUtc(date, "03:30"), toMs: newYorkToUtc(addDays(date, 1), "00:15") };
}

/** A whole trading day, and of the evening the three attempts that a collection at 19:00 has. */
export function outageOf(provider: MockedProvider, date: string): Outage {
  return {
    provider,
    fromMs: newYorkToUtc(date, "04:00"),
    untilMs: newYorkToUtc(date, "19:45"),
  };
}
