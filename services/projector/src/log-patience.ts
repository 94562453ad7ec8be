import type { ProjectorClock } from "./clock.ts";
import { backoffMs, classifyProjectorFailure } from "./failures.ts";
import type { ProjectorLogger } from "./logger.ts";

export interface LogPatience {
  readonly projection: string;
  readonly clock: ProjectorClock;
  readonly logger: ProjectorLogger;
  readonly random?: () => number;
  /** Told before each wait. */
  readonly onWait: () => void;
}

/**
 * Repeats work on the log while the log, or the registry that its values need, is away; until
 * `signal` aborts. Throws what no waiting mends.
 */
export async function untilLogAnswers<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
  { projection, clock, logger, random = Math.random, onWait }: LogPatience,
): Promise<Result> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (classifyProjectorFailure(error) !== "transient" || signal.aborted) throw error;
      const waitMs = backoffMs(failures, random());
      onWait();
      // An outage may last for hours: the first tries are told, then one of twice as many.
      if (Number.isInteger(Math.log2(failures))) {
        logger.warn({ err: error, projection, failures, waitMs }, "projection waits for the log");
      }
      await clock.sleep(waitMs, signal);
    }
  }
}
