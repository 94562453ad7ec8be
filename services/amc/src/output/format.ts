import { newYorkDateOf, newYorkTimeOfDayMs } from "@amc/streams/market/event-time";

const MINUTE_MS = 60_000;

/** `1 h 02 min`, `3 min 07 s`, `12 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (part: number): string => String(part).padStart(2, "0");
  if (hours > 0) return `${hours} h ${two(minutes % 60)} min`;
  if (minutes > 0) return `${minutes} min ${two(seconds % 60)} s`;
  return `${seconds} s`;
}

/** `2021-01-13 10:00 ET`. */
export function formatEasternTime(epochMs: number): string {
  const minutes = Math.floor(newYorkTimeOfDayMs(epochMs) / MINUTE_MS);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${newYorkDateOf(epochMs)} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)} ET`;
}

/** A score or confidence: two decimals, `-` when unknown. */
export function formatScore(value: number | null): string {
  return value === null ? "-" : value.toFixed(2);
}

/** USD; `-` when unknown. */
export function formatPrice(value: number | null): string {
  return value === null ? "-" : `$${value.toFixed(2)}`;
}

/** `1,234,567`, the same on every machine. */
export function formatCount(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
