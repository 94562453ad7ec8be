import { z } from "zod";
import { httpsAddress, wholeNumber } from "./variable-kinds.ts";

/** A number as E.164 has it: a plus, no leading zero, at most 15 digits. */
const E164 = /^\+[1-9]\d{7,14}$/;
/** Every alert goes to each of them: a list longer than this is no on-call list. */
const RECIPIENTS_MAX = 10;

const phoneNumbers = z.string().transform((text, context) => {
  const numbers = [...new Set(text.split(",").map((number) => number.trim()))];
  const isList = numbers.length <= RECIPIENTS_MAX && numbers.every((number) => E164.test(number));
  if (isList) return numbers;
  const message = `use 1 to ${RECIPIENTS_MAX} numbers such as +12025550100, separated by commas`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** Who sends alerts as text messages, and to whom. */
export const SMS_VARIABLES = {
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[\da-f]{32}$/i, "use the account's SID, AC and 32 hexadecimal digits")
    .optional(),
  // It becomes a header: nothing that could end one.
  TWILIO_AUTH_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, "use the account's token as it is")
    .optional(),
  TWILIO_FROM_NUMBER: z.string().regex(E164, "use a number such as +12025550100").optional(),
  TWILIO_RECIPIENTS: phoneNumbers.optional(),
  TWILIO_BASE_URL: httpsAddress("https://api.twilio.com"),
  SMS_MAX_AGE_MINUTES: wholeNumber(15, 1, 1440),
} as const;

export const SMS_VARIABLE_DOCS: Readonly<Record<keyof typeof SMS_VARIABLES, string>> = {
  TWILIO_ACCOUNT_SID:
    "account that alerts are sent from as text messages; without it they are shown on the console only",
  TWILIO_AUTH_TOKEN: "token of that account",
  TWILIO_FROM_NUMBER: "number they come from, such as +12025550100",
  TWILIO_RECIPIENTS: "numbers they go to, separated by commas",
  TWILIO_BASE_URL: "Twilio, or a sandbox that answers as it does",
  SMS_MAX_AGE_MINUTES: "an alert that is older when its turn comes is not sent",
};

/** All or none of them: with some, somebody meant to be told and would not be. */
export const SMS_NEEDS = [
  "TWILIO_ACCOUNT_SID",
  "TWILIO_AUTH_TOKEN",
  "TWILIO_FROM_NUMBER",
  "TWILIO_RECIPIENTS",
] as const satisfies readonly (keyof typeof SMS_VARIABLES)[];
