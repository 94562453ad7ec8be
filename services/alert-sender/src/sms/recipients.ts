import { createHmac } from "node:crypto";

/** Somebody who is told. */
export interface Recipient {
  readonly number: string;
  /** Its name in state and ids. */
  readonly hash: string;
  /** Its name for people. */
  readonly masked: string;
}

export function recipientsOf(numbers: readonly string[], accountSid: string): readonly Recipient[] {
  return numbers.map((number) => ({
    number,
    hash: recipientHash(number, accountSid),
    masked: maskedNumber(number),
  }));
}

/** The last digits tell people who know the number which one it is. */
const SHOWN_LAST = 4;
/** Country and area, of a number that is long enough. */
const SHOWN_FIRST = 4;
/** So many digits at least are not shown, of the shortest number too. */
const HIDDEN_MIN = 3;
const HASH_DIGITS = 16;

/** A number as people may see it, such as `+1202•••0100`. */
export function maskedNumber(number: string): string {
  const digits = number.slice(1);
  const first = Math.min(SHOWN_FIRST, Math.max(0, digits.length - SHOWN_LAST - HIDDEN_MIN));
  return `+${digits.slice(0, first)}•••${digits.slice(-SHOWN_LAST)}`;
}

/**
 * What state and ids have in the place of a number. Numbers are few enough to try them all, so it is keyed:
 * with the account, by which also the messages are asked for.
 */
export function recipientHash(number: string, accountSid: string): string {
  return createHmac("sha256", accountSid).update(number).digest("hex").slice(0, HASH_DIGITS);
}
