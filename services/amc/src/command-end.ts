import { ConfigError } from "@amc/platform/config/config-error";
import { isLogError, type LogErrorCode } from "@amc/platform/log/errors";
import { OperationsListenError } from "@amc/platform/operations-server/operations-listen-error";
import { PostgresError, type PostgresErrorCode } from "@amc/platform/postgres/errors";
import { isRegistryError, type RegistryErrorCode } from "@amc/platform/registry/errors";
import { ApiConfigError, ApiListenError } from "@amc/query-api/api-error";
import { isStateError, type StateErrorCode } from "@amc/streams/kernel/state-error";
import { CommandError, EXIT } from "./exit-codes.ts";

/** How a command ends that threw: its exit code, and what stands on stderr. */
export interface CommandEnd {
  readonly exitCode: number;
  readonly text: string;
}

/**
 * By code, because one class of errors holds what a person can mend, what stopped the process and
 * what only a mistake of ours can cause. The last is null: it shows where it broke.
 */
const LOG_ENDS: Readonly<Record<LogErrorCode, number | null>> = {
  "log.locked": EXIT.unavailable,
  "log.disk-full": EXIT.unavailable,
  "log.unavailable": EXIT.unavailable,
  "log.refused": EXIT.unavailable,
  "log.topics-differ": EXIT.unavailable,
  "log.format": EXIT.noInput,
  "log.cannot-open": EXIT.noInput,
  "log.corrupt": EXIT.internal,
  "log.fenced": EXIT.internal,
  "log.stopped": EXIT.internal,
  "log.outcome-unknown": EXIT.internal,
  "log.topic-replaced": EXIT.internal,
  "log.unknown-topic": null,
  "log.unknown-partition": null,
  "log.offset-out-of-range": null,
  "log.record-too-large": null,
  "log.invalid-commit": null,
  "log.read-only": null,
  "log.closed": null,
};

const POSTGRES_ENDS: Readonly<Record<PostgresErrorCode, number | null>> = {
  "postgres.not-found": EXIT.unavailable,
  "postgres.unusable-binaries": EXIT.unavailable,
  "postgres.no-unprivileged-user": EXIT.unavailable,
  "postgres.unsafe-directory": EXIT.unavailable,
  "postgres.unreachable-directory": EXIT.unavailable,
  "postgres.in-use": EXIT.unavailable,
  "postgres.initdb-failed": EXIT.unavailable,
  "postgres.start-failed": EXIT.unavailable,
  "postgres.cannot-connect": EXIT.unavailable,
  "postgres.connection-config": EXIT.unavailable,
  "postgres.migration-failed": EXIT.unavailable,
  "postgres.stop-failed": EXIT.internal,
  "postgres.number-out-of-range": null,
  "postgres.migration-format": null,
  "postgres.schema-exists": null,
  "postgres.schema-missing": null,
};

const REGISTRY_ENDS: Readonly<Record<RegistryErrorCode, number | null>> = {
  "registry.unavailable": EXIT.unavailable,
  "registry.unregistered": EXIT.unavailable,
  "registry.refused": EXIT.unavailable,
  "registry.inconsistent": EXIT.unavailable,
  "registry.newer-schema": EXIT.internal,
  "registry.incompatible": null,
  "registry.invalid-schema": null,
  "registry.unknown-schema": null,
  "registry.foreign-schema": null,
};

const STATE_ENDS: Readonly<Record<StateErrorCode, number>> = {
  "state.format": EXIT.noInput,
  "state.unknown-store": EXIT.noInput,
  "state.unreadable": EXIT.internal,
};

/** No command changes state in place: it is made from the facts, or read by who wrote it. */
const STATE_ADVICE =
  "go on with the version that wrote it, or play the facts into an empty data directory (npm start -- --data-dir <new>; on Kafka a new KAFKA_TOPIC_PREFIX), see docs/runbook.md, State of another version";

/** Expected ends say what to do in one line; everything else shows where it broke. */
export function endOf(error: unknown): CommandEnd {
  const exitCode = expectedExit(error);
  if (exitCode === null || !(error instanceof Error)) return brokenEnd(error);
  // Our own words need no code to be found by; those of a part may be looked up.
  const isOurs = error instanceof CommandError || error instanceof ConfigError;
  const advice = isStateError(error) ? `: ${STATE_ADVICE}` : "";
  return { exitCode, text: `amc: ${error.message}${isOurs ? "" : codeIn(error)}${advice}\n` };
}

function expectedExit(error: unknown): number | null {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof ConfigError || error instanceof ApiConfigError) return EXIT.config;
  if (error instanceof ApiListenError) return EXIT.unavailable;
  if (error instanceof OperationsListenError) return EXIT.unavailable;
  if (isLogError(error)) return LOG_ENDS[error.code];
  if (isStateError(error)) return STATE_ENDS[error.code];
  if (isRegistryError(error)) return REGISTRY_ENDS[error.code];
  return error instanceof PostgresError ? POSTGRES_ENDS[error.code] : null;
}

function brokenEnd(error: unknown): CommandEnd {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const facts =
    error instanceof Error && "facts" in error ? `  ${JSON.stringify(error.facts)}\n` : "";
  return { exitCode: EXIT.internal, text: `amc: stopped${codeIn(error)}: ${text}\n${facts}` };
}

function codeIn(error: unknown): string {
  return error instanceof Error && "code" in error ? ` [${String(error.code)}]` : "";
}
