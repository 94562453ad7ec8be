import { createMemoryCache } from "@amc/platform/cache/memory";
import { createLogger } from "@amc/platform/logger";
import { createPool } from "@amc/platform/postgres/pool";
import { Processor } from "@amc/processor/processor";
import { createProjector } from "@amc/projector/projector";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { MOMENTUM_ECHO } from "../momentum-stage.ts";
import { openOn } from "./brokers.ts";
import type { PartJob, PartRequest } from "./part-messages.ts";

interface RunningPart {
  go(): Promise<void>;
  hold(): Promise<void>;
  lag(): Promise<number>;
  close(): Promise<void>;
}

// A run that failed leaves nobody behind.
process.once("disconnect", () => process.exit());

/** Body of a process of a run: its job first, then one request after the other. */
process.once("message", (job: PartJob) => {
  const opening = open(job);
  let last: Promise<unknown> = opening.then((part) => answer(part));
  process.on("message", (request: PartRequest) => {
    last = last.then(async () => obey(await opening, request));
  });
});

async function obey(part: RunningPart, request: PartRequest): Promise<void> {
  if (request === "go") await part.go();
  if (request === "hold") await part.hold();
  if (request === "end") {
    await part.hold();
    await part.close();
    process.send?.({ lag: 0, cpuMs: 0 });
    return;
  }
  await answer(part);
}

async function answer(part: RunningPart): Promise<void> {
  const lag = await part.lag();
  const { user, system } = process.cpuUsage();
  process.send?.({ lag, cpuMs: (user + system) / 1_000 });
}

function open(job: PartJob): Promise<RunningPart> {
  return job.role === "stages" ? openStages(job) : openProjector(job);
}

async function openStages(job: PartJob & { readonly role: "stages" }): Promise<RunningPart> {
  const log = await openOn(job, job.delivery);
  const topology = job.topology === "echo" ? [MOMENTUM_ECHO] : createTopology(DEFAULT_TOPOLOGY);
  const processor = await Processor.open({ log, topology });
  let stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    go: async () => {
      stopping = new AbortController();
      running = processor.run(stopping.signal);
    },
    hold: async () => {
      stopping.abort();
      await running;
    },
    lag: () => processor.lag(),
    close: () => log.close(),
  };
}

async function openProjector(job: PartJob & { readonly role: "projector" }): Promise<RunningPart> {
  const log = await openOn(job, "deduplicated");
  const pool = createPool({
    connection: job.connection,
    applicationName: "amc-bench",
    max: PROJECTION_NAMES.length,
  });
  const projector = createProjector({
    ...{ log, pool },
    cache: createMemoryCache(() => performance.now()),
    logger: createLogger("error"),
  });
  await projector.start();
  return {
    go: async () => undefined,
    hold: async () => undefined,
    lag: async () => ((await projector.caughtUp()) ? 0 : Math.max(1, await projector.lag())),
    close: async () => {
      await projector.stop();
      await pool.end();
      await log.close();
    },
  };
}
