/**
 * A projector on Kafka that is there to be struck: `ProjectorTask` as JSON. Says READY when it runs,
 * COMMITTED after each commit, EXPOSED where the broken build is wrong, TOOK_EFFECT and HAD_NONE of
 * commits whose connection it ended itself, and DONE when the tables hold everything. Ends with 5 when the
 * log was not to be had: a projector in earnest would start over then.
 */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { createMemoryCache } from "@amc/platform/cache/memory";
import { openRedisCache } from "@amc/platform/cache/redis";
import { isLogError } from "@amc/platform/log/errors";
import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { createLogger } from "@amc/platform/logger";
import { createPool } from "@amc/platform/postgres/pool";
import type { Probe } from "@amc/projector/commit-batch";
import { createProjector } from "@amc/projector/projector";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import { projectorPool } from "../../database.ts";
import { jumpingReader } from "./jumping-reader.ts";
import { openMarket } from "./market-on-kafka.ts";
import type { ProjectorTask } from "./projector-task.ts";
import { Death, probesInTurn, terminateAtCommit } from "./struck-commits.ts";

/** How long the broken build stays where it is wrong. */
const EXPOSED_MS = 100;
const ADMIN_CONNECTIONS = 2;
const UNAVAILABLE = 5;

const task: ProjectorTask = JSON.parse(process.argv[2] ?? "");
const { place, database, build, strike, exposedMs = EXPOSED_MS } = task;
const defect = build === "broken" ? (task.defect ?? "positions-first") : null;
const say = (word: string): void => void process.stdout.write(`${word}\n`);
const toStop = once(process, "SIGTERM");

/** Saves positions in a transaction of their own, before the rows. */
const positionsFirst: Probe = async (point, client) => {
  if (point !== "positions-advanced") return;
  await client?.query("COMMIT; BEGIN");
  say("EXPOSED");
  await wait(exposedMs);
};

/** Reads so little at a time that there are many commits. */
function inSmallReads(log: Log, maxRecords: number): Log {
  return {
    ...logWithCommit(log, (commit) => log.commit(commit)),
    read: (topic, partition, offset, limits) =>
      log.read(topic, partition, offset, {
        ...limits,
        maxRecords: Math.min(limits.maxRecords, maxRecords),
      }),
  };
}

const kafka = await openMarket(place);
const jumping = jumpingReader(kafka);
process.on("SIGUSR2", jumping.lose);
const source = defect === "jumps-to-newest" ? jumping.log : kafka;
const read = task.recordsPerRead === undefined ? source : inSmallReads(source, task.recordsPerRead);
const death = strike?.kind === "kill" ? new Death(strike.point, strike.nth) : null;
const pool =
  task.waits === undefined
    ? projectorPool(database)
    : createPool({
        ...{ connection: database, applicationName: "amc-faults", max: PROJECTION_NAMES.length },
        ...task.waits,
      });
const logger = createLogger("fatal");
const cache =
  task.redis === undefined
    ? createMemoryCache(() => 0)
    : await openRedisCache({ address: task.redis, database: 0, logger });
const admin = createPool({
  ...{ connection: database, applicationName: "amc-faults-admin", max: ADMIN_CONNECTIONS },
});
const probes = [
  ...(defect === "positions-first" ? [positionsFirst] : []),
  ...(death === null ? [] : [death.probe]),
  ...(strike?.kind === "terminate" ? [terminateAtCommit(strike, admin, say)] : []),
];
const projector = createProjector({
  log: death?.around(read) ?? read,
  ...{ pool, cache, logger },
  observer: { committed: () => say("COMMITTED"), retried: () => undefined },
  ...(probes.length === 0 ? {} : { probe: probesInTurn(probes) }),
});
try {
  if (task.stays === true) {
    await projector.start();
    say("READY");
    await Promise.race([toStop, projector.ended]);
    await projector.stop();
  } else {
    say("READY");
    await projector.runUntilCaughtUp();
    say("DONE");
  }
} catch (error) {
  if (!isLogError(error, "log.unavailable")) throw error;
  process.exitCode = UNAVAILABLE;
} finally {
  await pool.end();
  await admin.end();
  await cache.close();
  await kafka.close();
}
