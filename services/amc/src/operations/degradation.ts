import { effectiveDiscovery } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { WAITING_CLOCK } from "@amc/platform/http/waiting-clock";
import type { createLogger } from "@amc/platform/logger";
import type { ControlPort } from "@amc/query-api/control/decision";
import {
  type GuardObserver,
  UniverseGuard,
  type UniverseGuardOptions,
} from "@amc/query-api/control/universe-guard";
import { isoUtc } from "@amc/streams/market/event-time";

interface WatchedSystem extends Pick<UniverseGuardOptions, "log" | "readModel"> {
  readonly control: Pick<ControlPort, "publish">;
  readonly variables: Variables;
  readonly logger: ReturnType<typeof createLogger>;
}

/**
 * Changes the universe as runs take longer or shorter, until `signal` aborts; does nothing at all
 * unless AUTOMATIC_DEGRADATION_ENABLED says so, because what it does depends on the machine.
 */
export async function watchRunTimes(system: WatchedSystem, signal: AbortSignal): Promise<void> {
  const { variables, log, readModel, control, logger } = system;
  if (!variables.AUTOMATIC_DEGRADATION_ENABLED) return;
  const guard = new UniverseGuard({
    ...{ log, readModel, publish: control.publish },
    maxRunMs: variables.MAX_DISCOVERY_LATENCY_SECONDS * 1000,
    leastSymbols: effectiveDiscovery(variables).maxCandidates,
  });
  const observer: GuardObserver = {
    decided: ({ value, reason, publishedAt }) =>
      logger.warn({ value, reason, from: isoUtc(publishedAt) }, "the universe was changed"),
    failed: (error) =>
      logger.error({ err: error }, "run times were not judged; the universe stays as it is"),
  };
  await guard.run(WAITING_CLOCK, observer, signal);
}
