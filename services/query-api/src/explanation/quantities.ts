import { newYorkDateOf, newYorkTimeOfDayMs } from "@amc/streams/market/event-time";

/** How a quantity is written for a trader. Values arrive as fractions, dollars, shares or ratios. */
export type Unit = "percent" | "dollars" | "shares" | "times" | "points" | "days";

export function written(value: number, unit: Unit): string {
  switch (unit) {
    case "percent":
      return `${trimmed(value * 100, 2)} %`;
    case "dollars":
      return value >= 10_000 ? `$${scaled(value)}` : `$${value.toFixed(2)}`;
    case "shares":
      return scaled(value);
    case "times":
      return `${trimmed(value, 2)}×`;
    case "days":
      return `${trimmed(value, 1)} days`;
    case "points":
      return trimmed(value, 2);
  }
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `10:15 ET on Jan 13, 2021`. */
export function easternTime(ms: number): string {
  const minutes = Math.floor(newYorkTimeOfDayMs(ms) / 60_000);
  const hour = String(Math.floor(minutes / 60)).padStart(2, "0");
  const minute = String(minutes % 60).padStart(2, "0");
  const [year, month, day] = newYorkDateOf(ms).split("-").map(Number);
  return `${hour}:${minute} ET on ${MONTHS[(month ?? 1) - 1]} ${day}, ${year}`;
}

function scaled(value: number): string {
  if (Math.abs(value) >= 1e9) return `${trimmed(value / 1e9, 2)} billion`;
  if (Math.abs(value) >= 1e6) return `${trimmed(value / 1e6, 2)} million`;
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

function trimmed(value: number, decimals: number): string {
  const text = value.toFixed(decimals).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}
