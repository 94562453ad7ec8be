import { setTimeout as wait } from "node:timers/promises";
import { GenericError, ProtocolError, ResponseError } from "@platformatic/kafka";
import { LogError, type LogErrorCode, type LogErrorFacts } from "../errors.ts";

/** A request that changes nothing is repeated for this long before the caller hears of it. */
const RETRY_FOR_MS = 30_000;
const RETRY_FIRST_MS = 25;
const RETRY_MAX_MS = 1_000;
/** Brokers learn of a new topic one after the other; an old one does not come back in a second. */
const BECOMES_KNOWN_MS = 1_000;

/** Answers of a broker that mean something to a caller of the port. */
const CODES: ReadonlyMap<string, LogErrorCode> = new Map([
  ["CORRUPT_MESSAGE", "log.corrupt"],
  ["UNKNOWN_TOPIC_OR_PARTITION", "log.unknown-topic"],
  ["PRODUCER_FENCED", "log.fenced"],
  ["INVALID_PRODUCER_EPOCH", "log.fenced"],
  ["TOPIC_AUTHORIZATION_FAILED", "log.refused"],
  ["CLUSTER_AUTHORIZATION_FAILED", "log.refused"],
  ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "log.refused"],
  ["GROUP_AUTHORIZATION_FAILED", "log.refused"],
  ["INCONSISTENT_GROUP_PROTOCOL", "log.refused"],
  ["SASL_AUTHENTICATION_FAILED", "log.refused"],
  ["UNSUPPORTED_VERSION", "log.refused"],
  ["INVALID_CONFIG", "log.refused"],
  ["POLICY_VIOLATION", "log.refused"],
  // Answers to what was sent, not to how it went: the same records get the same answer for ever.
  ["MESSAGE_TOO_LARGE", "log.refused"],
  ["RECORD_LIST_TOO_LARGE", "log.refused"],
  ["INVALID_RECORD", "log.refused"],
  ["INVALID_TIMESTAMP", "log.refused"],
  ["INVALID_TOPIC_EXCEPTION", "log.refused"],
  ["INVALID_REQUIRED_ACKS", "log.refused"],
  ["INVALID_TRANSACTION_TIMEOUT", "log.refused"],
  ["UNSUPPORTED_FOR_MESSAGE_FORMAT", "log.refused"],
  ["UNSUPPORTED_COMPRESSION_TYPE", "log.refused"],
  ["UNSUPPORTED_SASL_MECHANISM", "log.refused"],
  ["SECURITY_DISABLED", "log.refused"],
]);

const LARGER_MESSAGES =
  "max.message.bytes of a topic is lower than it was made with: npm run amc -- topics check names it";

/** What mends a refusal whose own words do not say it. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ["MESSAGE_TOO_LARGE", LARGER_MESSAGES],
  ["RECORD_LIST_TOO_LARGE", LARGER_MESSAGES],
]);

/** Why a certificate is not believed, in OpenSSL's words: who answers is not our cluster, for all we know. */
const DISTRUST = [
  "CERT_HAS_EXPIRED",
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
] as const;

/** Whether a broker answered with this protocol error, alone or among others. */
export function isBrokerError(error: unknown, apiId: string): boolean {
  return hasWithin(error, "apiId", apiId);
}

/** Looks for a property in an error, in what it wraps and in what it sums up: the client does all three. */
function hasWithin(error: unknown, name: string, value: string): boolean {
  if (!(error instanceof Error)) return false;
  if (Object.entries(error).some(([key, found]) => key === name && found === value)) return true;
  const summed: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error.cause, ...summed].some((inner) => hasWithin(inner, name, value));
}

/** The log error behind an error of a client; `otherwise` when it is an outage or unknown. */
export function brokerFailure(
  error: unknown,
  otherwise: LogErrorCode,
  facts: LogErrorFacts = {},
): LogError {
  if (error instanceof LogError) return error;
  const [apiId, code = otherwise] = meaningOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  const advice = ADVICE.get(apiId ?? "");
  const message = `Kafka: ${reason}${advice === undefined ? "" : ` (${advice})`}`;
  return new LogError(code, message, facts, { cause: error });
}

/**
 * The same for a write that was begun: an outage says nothing of what is in the log, not even one in
 * which at last no leader was known. `away` among the facts tells an outage from an answer that nobody
 * expected, which does not pass by being waited for.
 */
export function writeFailure(error: unknown, facts: LogErrorFacts): LogError {
  const about = canRetry(error) ? { ...facts, away: "brokers" } : facts;
  const failure = brokerFailure(error, "log.outcome-unknown", about);
  if (failure.code !== "log.unavailable") return failure;
  return new LogError("log.outcome-unknown", failure.message, about, { cause: error });
}

/**
 * Whether a failure to find a partition is its own: another one may be found all the same. What is no log
 * error yet, and means nothing to a caller of the port, is about brokers.
 */
export function isOfPartition(error: unknown): boolean {
  return (
    error instanceof LogError ||
    isAnswer(error) ||
    brokerFailure(error, "log.unavailable").code !== "log.unavailable"
  );
}

/** Whether a broker said so: it is there, whatever is wrong with what it was asked for. */
export function isAnswer(error: unknown): boolean {
  return error instanceof ResponseError || error instanceof ProtocolError;
}

/** Whether the same request may be answered otherwise later. */
export function canRetry(error: unknown): boolean {
  if (error instanceof LogError) return error.code === "log.unavailable";
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.every(canRetry);
  return error instanceof GenericError && error.canRetry === true;
}

/** The broker's name of an error, where that is what gives it the code of the port. */
function meaningOf(error: unknown): readonly [string | undefined, LogErrorCode | undefined] {
  for (const [apiId, code] of CODES) if (isBrokerError(error, apiId)) return [apiId, code];
  const isDistrust = DISTRUST.some((reason) => hasWithin(error, "code", reason));
  return [undefined, isDistrust ? "log.refused" : undefined];
}

/**
 * Repeats a request that changes nothing until it is answered; after every failure `onFailure` may
 * forget what was known of the cluster, because a leader may have moved. Throws `log.unavailable`
 * when no try of half a minute succeeds, at once what no later try can change.
 */
export async function untilAnswered<Answer>(
  ask: () => Promise<Answer>,
  onFailure: () => void,
  facts: LogErrorFacts,
  /** For so long a topic that is unknown may become known. */
  becomesKnownMs = BECOMES_KNOWN_MS,
): Promise<Answer> {
  const startedMs = performance.now();
  for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(2 * pauseMs, RETRY_MAX_MS)) {
    try {
      return await ask();
    } catch (error) {
      const failure = brokerFailure(error, "log.unavailable", facts);
      const elapsedMs = performance.now() - startedMs;
      const isNew =
        isBrokerError(error, "UNKNOWN_TOPIC_OR_PARTITION") && elapsedMs < becomesKnownMs;
      const isPassing = failure.code === "log.unavailable" || isNew;
      if (!isPassing || elapsedMs > RETRY_FOR_MS) throw failure;
      onFailure();
      await wait(Math.ceil(Math.random() * pauseMs));
    }
  }
}
