import { LogError, type LogErrorCode, type LogErrorFacts } from "../errors.ts";

/** Primary result codes of SQLite (sqlite.org/rescode.html); the low byte of an extended code. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

const CODES: ReadonlyMap<number, LogErrorCode> = new Map([
  [SQLITE_BUSY, "log.locked"],
  [SQLITE_LOCKED, "log.locked"],
  [SQLITE_CORRUPT, "log.corrupt"],
  [SQLITE_FULL, "log.disk-full"],
  [SQLITE_CANTOPEN, "log.cannot-open"],
  [SQLITE_NOTADB, "log.format"],
]);

/** Codes of Node for the same conditions, met where we use files ourselves. */
const SYSTEM_CODES: ReadonlyMap<string, LogErrorCode> = new Map([
  ["ENOSPC", "log.disk-full"],
  ["EDQUOT", "log.disk-full"],
  ["EFBIG", "log.disk-full"],
]);

/**
 * The log error behind an error of the storage; `otherwise` is the code for failures that have
 * none of their own, for example an I/O error. Log errors pass through.
 */
export function storageFailure(
  error: unknown,
  path: string,
  otherwise: LogErrorCode,
  facts: LogErrorFacts = {},
): LogError {
  if (error instanceof LogError) return error;
  const code = codeOf(error) ?? otherwise;
  const reason = error instanceof Error ? error.message : String(error);
  return new LogError(code, `${path}: ${reason}`, { ...facts, path }, { cause: error });
}

function codeOf(error: unknown): LogErrorCode | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error && typeof error.errcode === "number") {
    return CODES.get(error.errcode & 0xff);
  }
  if (!("code" in error) || typeof error.code !== "string") return undefined;
  // A stored integer past 2^53: we never wrote one.
  if (error.code === "ERR_OUT_OF_RANGE") return "log.corrupt";
  return SYSTEM_CODES.get(error.code);
}

/** Damage: what is stored is not what was written. Never repaired and never skipped. */
export function corrupt(path: string, what: string, facts: LogErrorFacts = {}): LogError {
  return new LogError(
    "log.corrupt",
    `${path} is damaged: ${what}. Nothing was changed; restore the directory from a backup`,
    { ...facts, path },
  );
}
