import { isLogError, type LogErrorCode } from "../log/errors.ts";
import { isRegistryError, type RegistryErrorCode } from "../registry/errors.ts";

/**
 * What a failure means for the partition it happened on. `poison` dead-letters one record and goes
 * on, `transient` waits and tries the same work again, `fatal` ends the process with its reason:
 * guessing wrong in either direction loses data or spins for ever.
 */
export type FailureClass = "poison" | "transient" | "fatal";

/** Every code of the log port is named here, so a new one does not compile until it is classified. */
const LOG_FAILURES: Readonly<Record<LogErrorCode, FailureClass>> = {
  "log.unknown-topic": "fatal",
  "log.unknown-partition": "fatal",
  // Retention ate what we still had to read: going on would skip it in silence.
  "log.offset-out-of-range": "fatal",
  // Somebody newer owns the partition.
  "log.fenced": "fatal",
  // After a failed write or fsync nobody knows what is on disk; only a restart re-reads it.
  "log.stopped": "fatal",
  "log.locked": "fatal",
  "log.corrupt": "fatal",
  "log.format": "fatal",
  "log.disk-full": "fatal",
  // An output of ours larger than a record may be is a defect of the stage.
  "log.record-too-large": "fatal",
  "log.closed": "fatal",
  "log.invalid-commit": "fatal",
  "log.read-only": "fatal",
  "log.cannot-open": "fatal",
  // Nothing was written, or nothing was to be written: a later try may be answered.
  "log.unavailable": "transient",
  // Trying again begins with `acquire`, which reads what became of it.
  "log.outcome-unknown": "transient",
  // Rights and configuration do not change by themselves.
  "log.refused": "fatal",
  // Whoever runs the cluster has to say which of the two is meant.
  "log.topics-differ": "fatal",
  // The same offsets are other records now: going on would jump in silence.
  "log.topic-replaced": "fatal",
};

/** As above, for the schema registry. An outage taken for poison would lose data. */
const REGISTRY_FAILURES: Readonly<Record<RegistryErrorCode, FailureClass>> = {
  "registry.unavailable": "transient",
  "registry.unknown-schema": "poison",
  "registry.foreign-schema": "poison",
  // Nothing is wrong with the record: a newer build reads it from where this one stopped.
  "registry.newer-schema": "fatal",
  "registry.incompatible": "fatal",
  "registry.invalid-schema": "fatal",
  "registry.unregistered": "fatal",
  "registry.refused": "fatal",
  "registry.inconsistent": "fatal",
};

/** Network errors of Node's sockets that a later attempt may not meet. */
const TRANSIENT_SYSTEM_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

export function classifyFailure(error: unknown): FailureClass {
  if (isLogError(error)) return LOG_FAILURES[error.code];
  if (isRegistryError(error)) return REGISTRY_FAILURES[error.code];
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    if (TRANSIENT_SYSTEM_CODES.has(error.code)) return "transient";
  }
  // Anything unknown is a programmer error: crash with the stack rather than guess.
  return "fatal";
}

/**
 * Whether a failure says that somebody is away, who is waited for however long that takes. Work that
 * fails for another reason again and again is stuck, also where each single failure is transient.
 */
export function isOutage(error: unknown): boolean {
  if (isLogError(error, "log.outcome-unknown")) return error.facts.away !== undefined;
  return classifyFailure(error) === "transient";
}
