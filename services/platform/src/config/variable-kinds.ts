import { z } from "zod";

/** A boolean as people write it in environments. */
export const flag = (fallback: boolean) =>
  z
    .enum(["true", "false", "1", "0", "yes", "no"], "use true or false")
    .transform((text) => text === "true" || text === "1" || text === "yes")
    .default(fallback);

/** A feature that nothing here can bring about: switched on, it would be a promise. */
export const unavailable = (reason: string) => flag(false).refine((on) => !on, reason);

export const wholeNumber = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, "use a whole number")
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .default(fallback);

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
