import { randomBytes } from "node:crypto";
import { openCache } from "@amc/platform/cache/open-cache";
import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { addTopicGauge } from "@amc/platform/metrics/topic-gauge";
import { createApi } from "@amc/query-api/app";
import { apiConfigOf, assertSafeToListen } from "@amc/query-api/config";
import type { ControlPort } from "@amc/query-api/control/decision";
import { listen } from "@amc/query-api/listen";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import { createTopology } from "@amc/streams/topology/topology";
import { openApiPool } from "../database.ts";
import { watchRunTimes } from "../operations/degradation.ts";
import { experimentDefaults } from "../operations/settings/experiment-decision.ts";
import { decisionsInTurn } from "../operations/settings/operator-settings.ts";
import { configuredScoring } from "../scoring-options.ts";
import { untilStopped } from "../stop-signal.ts";
import type { Service, ServiceContext } from "./service.ts";
import { serviceConnection } from "./service-log.ts";
import { topicLook } from "./watch-topics.ts";

/** Answers requests from the tables and the log; every instance answers all of them. */
export async function openApi(context: ServiceContext): Promise<Service> {
  const { variables, instance, log, logger, metrics, telemetry, closers } = context;
  const port = variables.PORT === 0 ? 0 : variables.PORT + instance;
  const config = apiConfigOf({ ...variables, PORT: port }, SYSTEM_CLOCK.nowMs());
  assertSafeToListen(config);
  const pool = openApiPool(variables.DATABASE_URL ?? "");
  closers.add(() => pool.end());
  const cache = await openCache(variables, "discovery", logger);
  closers.add(() => cache.close());
  const shortInterestCache = await openCache(variables, "shortInterest", logger);
  closers.add(() => shortInterestCache.close());
  const scoring = configuredScoring(variables);
  const readModel = createPostgresReadModel(pool);
  const control: ControlPort = {
    // Nobody is told this token: settings are changed with a key that has the scope `control`.
    token: randomBytes(32).toString("base64url"),
    publish: decisionsInTurn(log, experimentDefaults(variables)),
  };
  const app = await createApi({
    ...{ config, log, cache, shortInterestCache, metrics, logger, readModel, control },
    tracer: telemetry.tracer,
    topology: createTopology({ scoring, configuredUniverse: null, failFast: false }),
    nowMs: SYSTEM_CLOCK.nowMs,
  });
  closers.add(() => app.close());
  const connection = serviceConnection(variables, { role: "api", instance });
  addTopicGauge(metrics.registry, topicLook(connection, variables), SYSTEM_CLOCK.nowMs);
  const address = await listen(app, config);
  return {
    address,
    run: async (signal) => {
      await watchRunTimes({ variables, log, readModel, control, logger }, signal);
      await untilStopped(signal);
    },
  };
}
