import { z } from "zod";

/** A boolean as people write it in environments. */
export const flag = (fallback: boolean) =>
  z
    .enum(["true", "false", "1", "0", "yes", "no"], "use true or false")
    .transform((text) => text === "true" || text === "1" || text === "yes")
    .default(fallback);

/** A feature that nothing here can bring about: switched on, it would be a promise. */
export const unavailable = (reason: string) => flag(false).refine((on) => !on, reason);

const wholeNumberFrom = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, "use a whole number")
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

export const wholeNumber = (fallback: number, min: number, max: number) =>
  wholeNumberFrom(min, max).default(fallback);

/** A port that somebody names; where nobody does, what it is depends on more than a default. */
export const namedPort = () => wholeNumberFrom(1, 65_535).optional();

/** Where a provider answers, without parameters. */
export const httpsAddress = (fallback: string) =>
  z
    .url({ protocol: /^https?$/, error: "use https://host/path" })
    .refine((text) => !/[?#@]/.test(text), "use https://host/path, without parameters or user")
    .default(fallback);

/** A share from 0 to 1, written with a decimal point. */
export const share = (initial: number) =>
  z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, "use a share from 0 to 1")
    .transform(Number)
    .default(initial);

const MEMORY = /^([1-9]\d{0,5})(MB|GB)$/;
const BYTES = { MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** An amount of memory as people write it, MB being 1024² bytes; the text stays, `bytesOf` reads it. */
export const memory = (fallback: string, minMb: number, maxMb: number) =>
  z
    .string()
    .regex(MEMORY, "use a whole number of MB or GB, such as 512MB")
    .refine((text) => {
      // What is no amount at all has been told already.
      if (!MEMORY.test(text)) return true;
      const megabytes = bytesOf(text) / BYTES.MB;
      return megabytes >= minMb && megabytes <= maxMb;
    }, `must be from ${minMb}MB to ${maxMb}MB`)
    .default(fallback);

/** Bytes of an amount of memory. Throws TypeError for what `memory` does not let through. */
export function bytesOf(text: string): number {
  const [, count, unit] = MEMORY.exec(text) ?? [];
  if (unit !== "MB" && unit !== "GB") throw new TypeError(`${text} is no amount of memory`);
  return Number(count) * BYTES[unit];
}
