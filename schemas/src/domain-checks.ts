/**
 * Checks of single values, each giving null or the first thing wrong. Avro says what a value is
 * made of; these say what no market can have printed and no vendor can have meant.
 */

export interface Invalid {
  /** Stable, for example `domain.high-below-low`. */
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

export function invalid(code: string, field: string, message: string): Invalid {
  return { code, field, message };
}

/**
 * 2100-01-01. With the lower bound it tells the units apart: a stamp in microseconds lies beyond
 * it, one in seconds (read as ms) before 1970-02-18.
 */
const INSTANT_MAX_MS = 4_102_444_800_000;
const SECONDS_STAMP_MAX = INSTANT_MAX_MS / 1000;

/** Bytes of the identifiers and names that sources give. */
export const NAME_LENGTH_MAX = 200;
export const HEADLINE_LENGTH_MAX = 500;
/** A provider call that took longer than a day was not one. */
export const LATENCY_MS_MAX = 86_400_000;

/** Clocks of vendors run ahead a little (domain-facts §0). */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** An instant in ms UTC between 1970 and 2100. */
export function checkInstant(ms: number, field: string): Invalid | null {
  if (ms > SECONDS_STAMP_MAX && ms < INSTANT_MAX_MS) return null;
  return invalid("domain.time", field, `${ms} is no time in ms between 1970 and 2100`);
}

/** An instant that cannot lie after we heard of it, but for five minutes of skew. */
export function checkHeard(ms: number, capturedAt: number, field: string): Invalid | null {
  if (ms > SECONDS_STAMP_MAX && ms <= capturedAt + CLOCK_SKEW_MS) return null;
  return (
    checkInstant(ms, field) ??
    invalid("domain.time-ahead", field, `${ms} lies after its capture at ${capturedAt}`)
  );
}

const SYMBOL_LENGTH_MAX = 10;
const SYMBOL_CHARACTERS = new Uint8Array(128);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.^=-") {
  SYMBOL_CHARACTERS[character.charCodeAt(0)] = 1;
}

/** `^[A-Z0-9.^=-]{1,10}$`, as a loop: it runs for every tick. */
export function checkSymbol(symbol: string, field: string): Invalid | null {
  const { length } = symbol;
  let allowed = length > 0 && length <= SYMBOL_LENGTH_MAX;
  for (let index = 0; allowed && index < length; index += 1) {
    allowed = SYMBOL_CHARACTERS[symbol.charCodeAt(index)] === 1;
  }
  if (allowed) return null;
  return invalid("domain.symbol", field, "an equity symbol is 1 to 10 of A-Z, 0-9 and .^=-");
}

/**
 * Text without control characters: Postgres refuses NUL, terminals obey escapes, and overrides of
 * the writing direction make a headline read as what it does not say. Refused and not stripped,
 * because text that was altered is no longer what the source stated.
 */
export function checkText(
  text: string,
  field: string,
  lengthMin: number,
  lengthMax: number,
): Invalid | null {
  if (text.length < lengthMin || text.length > lengthMax) {
    const message = `${text.length} characters, allowed are ${lengthMin} to ${lengthMax}`;
    return invalid("domain.length", field, message);
  }
  for (let index = 0; index < text.length; index += 1) {
    if (isControl(text.charCodeAt(index))) {
      return invalid("domain.control-character", field, `at character ${index + 1}`);
    }
  }
  return null;
}

function isControl(code: number): boolean {
  if (code < 0x20) return true;
  if (code < 0x7f) return false;
  return code <= 0x9f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

export function checkTextOrNull(
  text: string | null,
  field: string,
  lengthMax: number,
): Invalid | null {
  return text === null ? null : checkText(text, field, 1, lengthMax);
}

/** Finite is not asked: the codec refuses everything else, and a comparison with NaN fails here. */
export function checkWithin(
  value: number,
  field: string,
  min: number,
  max: number,
): Invalid | null {
  if (value >= min && value <= max) return null;
  return invalid("domain.out-of-range", field, `${value} is outside ${min} to ${max}`);
}

export function checkWithinOrNull(
  value: number | null,
  field: string,
  min: number,
  max: number,
): Invalid | null {
  return value === null ? null : checkWithin(value, field, min, max);
}

/**
 * USD per share. History adjusted for reverse splits reaches tens of millions, quotes go down to
 * 0.0001; what lies far outside is a unit mistaken or a field misread (1e308, denormals).
 */
const PRICE_MIN = 1e-6;
const PRICE_MAX = 1e10;

export function checkPrice(price: number, field: string): Invalid | null {
  if (price >= PRICE_MIN && price <= PRICE_MAX) return null;
  return invalid("domain.price", field, `${price} is no price in USD`);
}

export function checkPriceOrNull(price: number | null, field: string): Invalid | null {
  return price === null ? null : checkPrice(price, field);
}

/** Shares or contracts; a thousand times the float of the largest issue. */
const COUNT_MAX = 1e14;

export function checkCount(count: number, field: string): Invalid | null {
  if (count >= 0 && count <= COUNT_MAX) return null;
  if (count < 0) return invalid("domain.negative", field, `${count} is negative`);
  return invalid("domain.out-of-range", field, `${count} is more than ${COUNT_MAX}`);
}

export function checkCountOrNull(count: number | null, field: string): Invalid | null {
  return count === null ? null : checkCount(count, field);
}

const DATE = /^(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** A calendar date `yyyy-mm-dd` that exists, 1970 to 2099. */
export function checkDate(date: string, field: string): Invalid | null {
  if (DATE.test(date) && isOfCalendar(date)) return null;
  return invalid("domain.date", field, "a date is yyyy-mm-dd between 1970 and 2099");
}

/** False for 30 February, which `Date` reads as 2 March or not at all. */
function isOfCalendar(date: string): boolean {
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}
