import { isCacheError } from "@amc/platform/cache/port";
import { isLogError } from "@amc/platform/log/errors";
import { classifyPostgresFailure } from "@amc/platform/postgres/classify";
import { isRegistryError } from "@amc/platform/registry/errors";
import { classifyFailure, type FailureClass } from "@amc/platform/runtime/failure";
import { isProjectorError, type ProjectorErrorCode } from "./errors.ts";

/** What each failure of our own asks for; a new code does not compile until it is classified. */
const PROJECTOR_FAILURES: Readonly<Record<ProjectorErrorCode, FailureClass>> = {
  // Somebody newer owns the projection: whatever we would write, they write too.
  "projector.fenced": "fatal",
  // Ours was committed unseen, or somebody else's was: reading the positions again tells.
  "projector.not-advanced": "transient",
  // Other tables were swapped in; the loop starts over from their positions.
  "projector.replaced": "transient",
  "projector.rebuild-running": "fatal",
  "projector.rebuild-differs": "fatal",
  "projector.nothing-to-swap-back": "fatal",
};

/**
 * Says what to do about a failure: dead-letter the record (`poison`), wait and try the same work
 * again (`transient`), or end the process (`fatal`). An outage taken for poison loses data, poison
 * taken for an outage stalls for ever; so what is not known is fatal.
 */
export function classifyProjectorFailure(error: unknown): FailureClass {
  if (isProjectorError(error)) return PROJECTOR_FAILURES[error.code];
  if (isLogError(error) || isRegistryError(error)) return classifyFailure(error);
  // Nothing is true because it is cached: a cache that is away is waited for by nobody.
  if (isCacheError(error)) return "transient";
  return classifyPostgresFailure(error);
}

/** Waits between tries: doubled each time, capped, with full jitter so that loops do not march in step. */
const BACKOFF_FIRST_MS = 50;
export const BACKOFF_MAX_MS = 5_000;

/** Wait before try `failures + 1`, ms; `random` is in [0, 1). */
export function backoffMs(failures: number, random: number): number {
  const cap = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return Math.ceil(cap * (1 - random));
}
