import { errorCode } from "./errors.ts";

/**
 * What a failure asks for. `transient`: wait and try the same again, nothing is wrong with it.
 * `poison`: this row can never be stored, another can. `fatal`: nothing will work until someone
 * mends the configuration, the program or the disk.
 */
export type PostgresFailure = "transient" | "poison" | "fatal";

// Node's codes for a server that is away or a connection that broke; ENOENT is a unix socket whose
// server is not running.
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

// The driver gives these no code at all. Matching text is confined to here, and a test provokes
// each one so that a new version of the driver cannot change them unnoticed.
const CONNECTION_MESSAGES = [
  "Connection terminated",
  "Client has encountered a connection error",
  "Client was closed and is not queryable",
  "timeout exceeded when trying to connect",
  "timeout expired",
  "Query read timeout",
] as const;

// https://www.postgresql.org/docs/current/errcodes-appendix.html, first by state, then by class.
const BY_STATE: ReadonlyMap<string, PostgresFailure> = new Map([
  ["40001", "transient"], // serialization_failure
  ["40P01", "transient"], // deadlock_detected
  ["55P03", "transient"], // lock_not_available
  ["57014", "transient"], // query_canceled: statement_timeout
  ["57P01", "transient"], // admin_shutdown
  ["57P02", "transient"], // crash_shutdown
  ["57P03", "transient"], // cannot_connect_now
  ["57P05", "transient"], // idle_session_timeout
  ["25P03", "transient"], // idle_in_transaction_session_timeout
  ["54000", "poison"], // program_limit_exceeded: a value too large for an index or a field
]);

const BY_CLASS: ReadonlyMap<string, PostgresFailure> = new Map([
  ["08", "transient"], // connection exception
  ["53", "transient"], // insufficient resources: disk full, out of memory, too many connections
  ["22", "poison"], // data exception
  ["23", "poison"], // integrity constraint violation
]);

/** Says what an error of the driver or the server asks for; unknown ones are fatal. */
export function classifyPostgresFailure(error: unknown): PostgresFailure {
  if (isConnectionLoss(error)) return "transient";
  const code = errorCode(error);
  if (code === undefined) return "fatal";
  return BY_STATE.get(code) ?? BY_CLASS.get(code.slice(0, 2)) ?? "fatal";
}

/** Whether the connection is gone, as opposed to a statement that was refused. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = errorCode(error);
  if (code === undefined) return CONNECTION_MESSAGES.some((text) => error.message.startsWith(text));
  return CONNECTION_CODES.has(code) || code.startsWith("08") || SHUTDOWN_STATES.has(code);
}

const SHUTDOWN_STATES: ReadonlySet<string> = new Set(["57P01", "57P02", "57P03", "57P05", "25P03"]);

// The server ends a session of ours that idles: that is about us, not about the server.
const IDLED_STATES: ReadonlySet<string> = new Set(["57P05", "25P03"]);

/**
 * Whether the server as a whole does not serve (away, starting, out of resources): all work fails
 * alike and waiting is all that helps. What merely meets contention or a timeout of its own session
 * is no outage: a process that meets nothing else for long is stuck.
 */
export function isOutage(error: unknown): boolean {
  const code = errorCode(error);
  if (code !== undefined && IDLED_STATES.has(code)) return false;
  return isConnectionLoss(error) || code?.startsWith("53") === true;
}
