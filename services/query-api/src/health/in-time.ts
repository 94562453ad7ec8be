import { isConnectionLoss } from "@amc/platform/postgres/classify";

// Long enough for a busy machine, short enough for a probe with a timeout of a few seconds.
const ANSWER_TIMEOUT_MS = 2_000;

/** What a part of the system answered, or why it did not. */
type InTime<Answer> =
  | { readonly answered: true; readonly answer: Answer }
  | { readonly answered: false; readonly why: string };

/** Asks a part that may fail or hang: whoever wants to know is not made to wait for it. */
export async function inTime<Answer>(ask: () => Promise<Answer>): Promise<InTime<Answer>> {
  const late = Promise.withResolvers<InTime<Answer>>();
  const timer = setTimeout(
    () => late.resolve({ answered: false, why: "does not answer in time" }),
    ANSWER_TIMEOUT_MS,
  );
  const asked = ask().then(
    (answer): InTime<Answer> => ({ answered: true, answer }),
    (error: unknown): InTime<Answer> => ({ answered: false, why: failureText(error) }),
  );
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The code says what is wrong; messages of drivers may hold addresses. */
function failureText(error: unknown): string {
  const known = isConnectionLoss(error) ? "connection-lost" : "error";
  const code =
    typeof error === "object" && error !== null && "code" in error ? String(error.code) : known;
  return `fails with ${code}`;
}
