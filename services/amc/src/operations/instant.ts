import { newYorkToUtc } from "@amc/streams/market/event-time";
import { CommandError, EXIT } from "../exit-codes.ts";

const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const NEW_YORK_WALL = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)$/;

/**
 * An instant in ms: `2021-01-13T15:15:00Z`, or `2021-01-13T10:15` for the clock of New York. The
 * zone of the machine plays no part. Throws a usage error that names the option.
 */
export function readInstant(option: string, text: string): number {
  const wall = NEW_YORK_WALL.exec(text);
  const [, date, time] = wall ?? [];
  const isRealDate = Number.isFinite(Date.parse(date ?? text));
  if (date !== undefined && time !== undefined && isRealDate) return newYorkToUtc(date, time);
  const ms = WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new CommandError(
    EXIT.usage,
    `--${option} takes an instant such as 2021-01-13T15:15:00Z, or New York time such as 2021-01-13T10:15`,
  );
}
