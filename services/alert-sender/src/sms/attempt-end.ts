import type { TextMessageEnd } from "@amc/platform/metrics/text-message-metrics";
import type { EndedAttempt } from "./sms-partition.ts";

const FAILURES: ReadonlyMap<string | null, TextMessageEnd> = new Map([
  ["alert.outcome-unknown", "outcome_unknown"],
  ["alert.simulated", "simulated"],
  ["alert.recipient-removed", "recipient_removed"],
  ["twilio.undelivered", "undelivered"],
  // Without a number of Twilio's: it says of one message that it is wrong, and not how.
  ["provider.bad-request", "rejected"],
]);
const TWILIO_NUMBER = /^twilio\.\d+$/;

/** What is counted of an attempt: the code of each is in its delivery and its log line. */
export function attemptEnd({
  status,
  error,
  wasOld,
}: Pick<EndedAttempt, "status" | "error" | "wasOld">): TextMessageEnd {
  if (status === "RETRY") return "retried";
  if (status !== "FAILED") return "sent";
  if (error === "alert.too-late") return wasOld ? "old" : "too_late";
  if (error !== null && TWILIO_NUMBER.test(error)) return "rejected";
  // 401, 403 and 404 are about the account and its address: what is not known is told as loudly.
  return FAILURES.get(error) ?? "refused";
}
