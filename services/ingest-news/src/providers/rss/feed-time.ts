const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MINUTE_MS = 60_000;

/** Zones that RFC 822 names, in minutes east of UTC. */
const ZONES: Readonly<Record<string, number>> = {
  ...{ UT: 0, UTC: 0, GMT: 0, Z: 0 },
  ...{ EST: -300, EDT: -240, CST: -360, CDT: -300, MST: -420, MDT: -360, PST: -480, PDT: -420 },
};

/** `Sat, 26 Jul 2025 11:15:00 +0000`. */
const RFC_822 =
  /^(?:[A-Za-z]{3,9},\s*)?(\d{1,2})\s+([A-Za-z]{3,9})\s+(\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+([A-Z]{1,4}|[+-]\d{4})$/;
/** `2025-07-26T11:15:00.000Z`, as Atom and `dc:date` have it. */
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * The instant that a feed's date names, UTC ms; null for what is none: another form, no time of day,
 * no zone, a day that does not exist. Nothing is guessed.
 */
export function feedTime(text: string): number | null {
  const mail = RFC_822.exec(text);
  if (mail !== null) {
    const [, day, month = "", year, hour, minute, second = "0", zone = ""] = mail;
    const at = MONTHS.indexOf(month.slice(0, 3).toLowerCase());
    return instantOf([year, at + 1, day, hour, minute, second].map(Number), zoneMinutes(zone));
  }
  const net = RFC_3339.exec(text);
  if (net === null) return null;
  return instantOf(net.slice(1, 7).map(Number), zoneMinutes((net[7] ?? "").toUpperCase()));
}

function instantOf(parts: readonly number[], zone: number | null): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  if (zone === null || hour > 23 || minute > 59 || second > 59) return null;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return ms - zone * MINUTE_MS;
}

function zoneMinutes(zone: string): number | null {
  const offset = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (offset === null) return ZONES[zone] ?? null;
  const minutes = Number(offset[2]) * 60 + Number(offset[3]);
  return offset[1] === "-" ? -minutes : minutes;
}
