import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { isCalendarDate } from "@amc/streams/market/calendar-date";
import { newYorkTimeOfDayMs } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import {
  DAY_SCORING,
  type DayPlan,
  daySymbols,
  outageOf,
  SOUND_PARTS,
  spanOf,
} from "../day/day-plan.ts";
import { dayText } from "../day/day-words.ts";
import { type DayVerdict, examineDay } from "../day/examine-day.ts";
import { playDay } from "../day/played-day.ts";
import { DAY_PROVIDERS } from "../day/provider-oracle.ts";
import { type SeenDay, seeDay } from "../day/seen-day.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { formatDuration } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const SIMULATE_DAY: CommandSpec = {
  name: "simulate day",
  summary: "Plays a whole trading day on mocks in minutes, and holds it to what it has to be",
  examples: [
    "npm run amc -- simulate day",
    "npm run amc -- simulate day --date 2025-11-28",
    "npm run amc -- simulate day --fail polygon",
    "npm run --silent amc -- simulate day --fail each --json",
  ],
  options: {
    date: { type: "string", value: "<date>", doc: "in New York; Monday 2025-09-08 by default" },
    fail: {
      type: "string",
      value: "<provider>",
      doc: `the same day again while one fails until 19:45 ET: ${DAY_PROVIDERS.join(", ")}, or each in turn`,
    },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: simulateDay,
};

/** A Monday after a Labor Day: all jobs run on it, and no clock changes. */
const DATE = "2025-09-08";

async function simulateDay(words: CommandWords): Promise<number> {
  const date = words.text("date") ?? DATE;
  if (!isCalendarDate(date)) {
    throw new CommandError(EXIT.usage, `--date takes a date such as ${DATE}, was ${date}`);
  }
  const failing = failingOf(words.text("fail"));
  const printer = new Printer(words.flag("json"));
  const startedMs = performance.now();
  const days = [null, ...failing];
  let sound: SeenDay | null = null;
  let problems = 0;
  for (const [index, provider] of days.entries()) {
    const onTime = (share: number, label: string): void => {
      printer.progress({ fraction: (index + share) / days.length, label });
    };
    const { seen, verdict, elapsedMs } = await dayWith(date, provider, sound, onTime);
    sound ??= seen;
    problems += verdict.problems.length;
    tellDay(printer, { date, provider, seen, verdict, elapsedMs });
  }
  printer.done();
  const elapsedMs = Math.round(performance.now() - startedMs);
  const ok = problems === 0;
  printer.line(
    { type: "simulate-day", ok, date, days: days.length, problems, elapsedMs },
    ok
      ? `${days.length} ${days.length === 1 ? "day" : "days"} as they have to be, ${formatDuration(elapsedMs)}`
      : `${problems} things are not as expected: see above; ${formatDuration(elapsedMs)}`,
  );
  return ok ? EXIT.ok : EXIT.failed;
}

function failingOf(text: string | undefined): readonly MockedProvider[] {
  if (text === undefined) return [];
  if (text === "each") return DAY_PROVIDERS;
  // As people write them, such as alpha-vantage, and finra for finra_short.
  const name = text.replaceAll("-", "_");
  const found = DAY_PROVIDERS.filter(
    (provider) => provider === name || provider === `${name}_short`,
  );
  if (found.length > 0) return found;
  throw new CommandError(
    EXIT.usage,
    `--fail takes ${DAY_PROVIDERS.join(", ")} or each, was ${text}`,
  );
}

async function dayWith(
  date: string,
  provider: MockedProvider | null,
  sound: SeenDay | null,
  onTime: (share: number, label: string) => void,
): Promise<{ readonly seen: SeenDay; readonly verdict: DayVerdict; readonly elapsedMs: number }> {
  const startedMs = performance.now();
  const dataDirectory = await mkdtemp(join(tmpdir(), "amc-day-"));
  const { fromMs, toMs } = spanOf(date);
  const { AMC_POSTGRES: binaries } = loadProcessConfig();
  const plan: DayPlan = {
    ...{ date, fromMs, toMs, dataDirectory, symbols: daySymbols(date), parts: SOUND_PARTS },
    outage: provider === null ? null : outageOf(provider, date),
    environment: { ...DAY_SCORING, ...(binaries === undefined ? {} : { AMC_POSTGRES: binaries }) },
    onTime: (atMs) => {
      const what = provider === null ? date : `${date}, ${provider} fails`;
      onTime((atMs - fromMs) / (toMs - fromMs), `${what}: ${timeOf(atMs)} ET`);
    },
  };
  try {
    const day = await playDay(plan);
    try {
      const seen = await seeDay(day);
      const verdict = examineDay(plan, seen, sound);
      return { seen, verdict, elapsedMs: Math.round(performance.now() - startedMs) };
    } finally {
      await day.close();
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

function timeOf(atMs: number): string {
  return new Date(newYorkTimeOfDayMs(atMs)).toISOString().slice(11, 16);
}

interface ToldDay {
  readonly date: string;
  readonly provider: MockedProvider | null;
  readonly seen: SeenDay;
  readonly verdict: DayVerdict;
  readonly elapsedMs: number;
}

function tellDay(printer: Printer, { date, provider, seen, verdict, elapsedMs }: ToldDay): void {
  const { jobs, providers, missing, problems } = verdict;
  const { factRecords: facts, rows } = seen;
  printer.line(
    {
      ...{ type: "day", date, failing: provider, problems, elapsedMs },
      jobs: jobs.map(({ expected, outcomes, ...job }) => ({
        ...job,
        instants: expected.length,
        outcomes: Object.fromEntries(outcomes),
      })),
      ...{ providers, facts, missing, rows },
    },
    [
      `${date}${provider === null ? "" : `, while ${provider} fails`}: ${formatDuration(elapsedMs)}`,
      dayText(verdict, seen),
      ...problems.map((problem) => `NOT AS EXPECTED: ${problem}`),
      "",
    ].join("\n"),
  );
}
