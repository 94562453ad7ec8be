import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestPostgres } from "@amc/platform/postgres/testing";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { DAY_SCORING, type DayPlan, daySymbols, SOUND_PARTS, spanOf } from "../day-plan.ts";
import { type DayVerdict, examineDay } from "../examine-day.ts";
import { playDay } from "../played-day.ts";
import { type SeenDay, seeDay } from "../seen-day.ts";

/** What a test says of a day beside its date. */
export interface DayCase extends Partial<Omit<DayPlan, "date" | "fromMs" | "toMs">> {
  /** `HH:MM` in New York: where the day begins and ends; the whole of it when left out. */
  readonly hours?: readonly [from: string, to: string];
}

export interface ExaminedDay {
  readonly seen: SeenDay;
  readonly verdict: DayVerdict;
}

/** Plays a day on a database and in a directory of its own, and holds it to what it has to be. */
export async function examinedDay(
  date: string,
  { hours, ...more }: DayCase,
  sound: SeenDay | null = null,
): Promise<ExaminedDay> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "amc-day-"));
  const database = await startTestPostgres();
  const environment = { DATABASE_URL: database.url("migrator"), ...DAY_SCORING };
  const [from, to] = hours ?? [];
  const whole = spanOf(date);
  const plan: DayPlan = {
    ...{ date, dataDirectory, symbols: daySymbols(date), outage: null, parts: SOUND_PARTS },
    fromMs: from === undefined ? whole.fromMs : newYorkToUtc(date, from),
    toMs: to === undefined ? whole.toMs : newYorkToUtc(date, to),
    onTime: () => undefined,
    ...more,
    environment: { ...environment, ...more.environment },
  };
  try {
    const day = await playDay(plan);
    try {
      const seen = await seeDay(day);
      return { seen, verdict: examineDay(plan, seen, sound) };
    } finally {
      await day.close();
    }
  } finally {
    await database.drop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
