import { element } from "./dom.js";

const CLOCK = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  month: "short",
  day: "numeric",
  year: "numeric",
});

/** New York time with UTC as the title. */
export function eastern(iso, { withDay = true } = {}) {
  const instant = new Date(iso);
  const clock = `${CLOCK.format(instant)} ET`;
  const text = withDay ? `${clock}, ${DAY.format(instant)}` : clock;
  const title = `${iso.slice(0, 19).replace("T", " ")} UTC`;
  return element("time", { datetime: iso, title }, text);
}

/** Unknown is a dash, never 0. */
export function dollars(value) {
  return value === null ? "—" : `$${value.toFixed(2)}`;
}

export function percent(fraction, decimals = 0) {
  return fraction === null ? "—" : `${(fraction * 100).toFixed(decimals)}\u00a0%`;
}

export function score(value) {
  return value === null ? "—" : value.toFixed(2);
}

export function count(value) {
  return value.toLocaleString("en-US");
}

/** `volume_momentum` as `Volume momentum`. */
export function words(name) {
  const text = name.replace(/[_-]+/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}
