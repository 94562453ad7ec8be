import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startTestPostgres } from "@amc/platform/postgres/testing";
import {
  poolOf,
  projectAll,
  digestsOf as tableDigestsOf,
} from "@amc/projector/testing/projector-fixture";
import { DERIVED_TOPICS } from "@amc/replay/log-digests";
import { seededRandom, shuffled } from "@amc/replay/seeded-random";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { writeSlices } from "@amc/replay/slice-writer";
import { PROJECTIONS } from "@amc/streams/projections/projections";
import type { RealStack } from "../../testing/real-stack.ts";
import { until } from "../../testing/service-process.ts";
import { minuteRow, writeSmallRecording } from "../../testing/small-recording.ts";
import { ChildLife } from "./child-life.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { caughtEach } from "./judge.ts";
import { DELIVERIES, type Delivery } from "./market-on-kafka.ts";
import { terminateScheduler } from "./terminated-scheduler.ts";
import { ROLE_NAMES, type RoleName, TerminatedServices } from "./terminated-services.ts";
import { copiesIn, unfinishedOutputs } from "./unfinished-work.ts";

/** Longest time for which all services are left alone. */
const QUIET_MS_MAX = 1_000;
/** Minutes of a regular session. */
const SESSION = 389;
const DAY = 1_440;
/** Sessions of one recording: enough to be interrupted in. */
const SESSIONS = 6;
/** Weekdays behind the built-in case, a Wednesday, that are no holidays of January 2021. */
const WEEKDAYS = [1, 2, 6, 7, 8, 9];
/** Topics whose records must not be there twice. */
const COUNTED_TOPICS = ["market.price-tick.v1", "alerts.delivery.v1", ...DERIVED_TOPICS];
const CONTROL_MARKET = { symbols: 30, warmupSessions: 105, sessions: 1, minutes: 60, seed: 1 };
/** Commits of the broken build before the one at which it is asked to end, at most. */
const COMMITS_MAX = 4;
/** It is exposed before its outputs are written and, where it is wrong, after them. */
const EXPOSURES_PER_COMMIT = 2;
/** Long enough for a signal on a busy machine. */
const EXPOSED_MS = 500;

type Recording = readonly [path: string, data: string];

export const SERVICES_TERMINATED: Fault = {
  id: "F32",
  title:
    "SIGTERM at random of each service while a recording plays, of the scheduler while it publishes a recorded time, both deliveries",
  invariant:
    "ends with 0 within 15 s and leaves no process; no work is begun and left, no record or alert is there twice, no slot or daily job is lost; derived topics and tables as undisturbed",
  control:
    "a processor that ends at once, between outputs and their position, and a scheduler that forgets what it has published",
  strikes: { full: 100, reduced: 12, control: 6 },
  run,
};

interface Tally {
  readonly violations: string[];
  /** Of the broken builds, by who is broken. */
  readonly found: Record<"processor" | "scheduler", string[]>;
  readonly exceeded: string[];
  readonly struck: Record<RoleName | "scheduler", number>;
  slowestEndMs: number;
}

async function run(scope: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(scope.seed);
  const directory = await mkdtemp(join(tmpdir(), "amc-faults-"));
  const tally: Tally = {
    violations: [],
    found: { processor: [], scheduler: [] },
    exceeded: [],
    struck: { processor: 0, projector: 0, alerts: 0, api: 0, ingest: 0, scheduler: 0 },
    slowestEndMs: 0,
  };
  const struck = () => Object.values(tally.struck).reduce((sum, count) => sum + count, 0);
  try {
    for (const [index, delivery] of DELIVERIES.entries()) {
      const share = Math.ceil((scope.strikes * (index + 1)) / DELIVERIES.length) - struck();
      if (share === 0) continue;
      const onStrike = (role: RoleName | "scheduler") => {
        tally.struck[role] += 1;
        scope.onStrike(struck());
      };
      await strikeStack(
        { build: scope.build, delivery, share, onStrike },
        directory,
        random,
        tally,
      );
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const counts = { ...tally.struck, "slowest end in ms": tally.slowestEndMs };
  const outcome = scope.build === "sound" ? tally : caughtEach(tally.found);
  const { violations, exceeded } = outcome;
  return { strikes: struck(), counts, violations, exceeded };
}

interface StackStrikes {
  readonly build: FaultScope["build"];
  readonly delivery: Delivery;
  readonly share: number;
  readonly onStrike: (role: RoleName | "scheduler") => void;
}

async function strikeStack(
  { build, delivery, share, onStrike }: StackStrikes,
  directory: string,
  random: () => number,
  tally: Tally,
): Promise<void> {
  // Only who asks for this module starts the servers that it stands for.
  const { openRealStack } = await import("../../testing/real-stack.ts");
  const stack = await openRealStack({ delivery });
  try {
    // One of six services; it is struck when the others have ended, because its time is not theirs.
    const ofScheduler = Math.ceil(share / (ROLE_NAMES.length + 1));
    const ofOthers = share - ofScheduler;
    const work = { stack, directory, share: ofOthers, onStrike, random };
    const told = (violations: readonly string[]) =>
      violations.map((text) => `${delivery}: ${text}`);
    if (build === "sound") tally.violations.push(...told(await strikeServices(work, tally)));
    else tally.found.processor.push(...told(await strikeBroken(work, delivery)));
    const scheduler = await terminateScheduler({
      ...{ stack, build, strikes: ofScheduler, random },
      onStrike: () => onStrike("scheduler"),
    });
    const violations = told(scheduler.violations);
    (build === "sound" ? tally.violations : tally.found.scheduler).push(...violations);
    tally.exceeded.push(...scheduler.badEnds);
    tally.slowestEndMs = Math.max(tally.slowestEndMs, scheduler.slowestEndMs);
  } finally {
    await stack.close();
  }
}

interface Work extends Pick<StackStrikes, "share" | "onStrike"> {
  readonly stack: RealStack;
  readonly directory: string;
  readonly random: () => number;
}

async function strikeServices(
  { stack, directory, share, onStrike, random }: Work,
  tally: Tally,
): Promise<readonly string[]> {
  const { BUILT_IN, TOPOLOGY } = await import("../../testing/real-stack.ts");
  const services = new TerminatedServices(stack);
  const played: Recording[] = [BUILT_IN];
  services.play(...BUILT_IN);
  const undone: string[] = [];
  let order: readonly RoleName[] = [];
  for (let struck = 0; struck < share; struck += 1) {
    if (order.length === 0) order = shuffled(ROLE_NAMES, random);
    const [role = "processor", ...others] = order;
    order = others;
    if (services.hasPlayed) {
      const next = recordingOf(directory, played.length);
      played.push(next);
      services.play(...next);
    }
    await services.hasStarted(role);
    await wait(random() * QUIET_MS_MAX);
    await services.terminate(role);
    if (role === "processor") {
      const unfinished = await unfinishedOutputs(stack.log, TOPOLOGY);
      if (unfinished > 0) undone.push(`${unfinished} outputs have to be made again`);
    }
    if (role !== "ingest" || !services.hasPlayed) services.start(role);
    onStrike(role);
  }
  await until(() => services.hasPlayed, services.standing.bind(services));
  const isTaken = async () => (await stack.progress()).untaken === 0;
  await until(isTaken, services.standing.bind(services));
  await until(async () => (await unprojected(stack)) === 0, services.standing.bind(services));
  await services.terminateAll();
  tally.slowestEndMs = Math.max(tally.slowestEndMs, services.slowestEndMs);
  tally.exceeded.push(...services.badEnds);
  const shown = services.shownAlerts;
  const repeated = shown.length - new Set(shown).size;
  return [
    ...undone,
    ...(shown.length === 0 ? ["no alert was shown"] : []),
    ...(repeated > 0 ? [`${repeated} alerts were shown again`] : []),
    ...(await examine(stack, played)),
  ];
}

/** The broken build: one processor that writes outputs first, and nothing that waits for its end. */
async function strikeBroken(
  { stack, share, onStrike, random }: Work,
  delivery: Delivery,
): Promise<readonly string[]> {
  // A market of which every minute has derived records.
  await writeSlices(stack.log, simulatedMarket(CONTROL_MARKET));
  const { KAFKA_BROKERS = "", KAFKA_TOPIC_PREFIX = "", AMC_PARTITIONS } = stack.environment;
  const brokers = KAFKA_BROKERS.split(",");
  const partitions = Number(AMC_PARTITIONS);
  const place = { brokers, prefix: KAFKA_TOPIC_PREFIX, partitions, delivery };
  for (let struck = 0; struck < share; struck += 1) {
    const told = { place, build: "broken", exposedMs: EXPOSED_MS };
    const life = new ChildLife("struck-processor.ts", told);
    const commits = 1 + Math.floor(random() * COMMITS_MAX);
    const exposures = EXPOSURES_PER_COMMIT * commits;
    while (life.times("EXPOSED") < exposures && !life.isOver) await life.next("EXPOSED");
    life.signal("SIGTERM");
    await life.ended();
    onStrike("processor");
  }
  await new ChildLife("struck-processor.ts", { place, build: "sound" }).finished();
  return recordsTwice(stack);
}

/** What is wrong with the log and the tables, now that nobody works. */
async function examine(stack: RealStack, played: readonly Recording[]): Promise<readonly string[]> {
  const { differences, replayedDigests } = await import("../../testing/real-stack.ts");
  const violations = [...(await recordsTwice(stack))];
  const found = await differences(stack.log, await replayedDigests(...played));
  violations.push(...found.map(({ topic }) => `${topic}: not what an undisturbed run makes`));
  const rebuilt = await startTestPostgres();
  try {
    await projectAll(rebuilt, stack.log);
    const [ours, theirs] = [await tableDigestsOf(stack.database), await tableDigestsOf(rebuilt)];
    for (const [table, sha256] of Object.entries(theirs)) {
      if (ours[table] !== sha256) violations.push(`${table}: not the rows of a rebuild`);
    }
  } finally {
    await rebuilt.drop();
  }
  return violations;
}

async function recordsTwice({ log }: RealStack): Promise<readonly string[]> {
  const copies = await copiesIn(log, COUNTED_TOPICS);
  return copies === 0 ? [] : [`${copies} records are in the log twice`];
}

/** Records that no projector has taken yet. */
async function unprojected({ log, database }: RealStack): Promise<number> {
  let written = 0;
  for (const topic of Object.values(PROJECTIONS).flat()) {
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      written += await log.endOffset(topic, partition);
    }
  }
  const sum = "SELECT coalesce(sum(next_offset), 0)::integer AS records FROM projection_positions";
  const { rows } = await poolOf(database, "api").query<{ records: number }>(sum);
  return written - (rows[0]?.records ?? 0);
}

/** Sessions that nobody has played yet; the first recording is the built-in case. */
function recordingOf(directory: string, number: number): Recording {
  const weeks = 14 * DAY * (number - 1);
  const days = WEEKDAYS.slice(0, SESSIONS);
  const rows = days.flatMap((day) =>
    Array.from({ length: SESSION }, (_, minute) => minuteRow(weeks + day * DAY + minute)),
  );
  const name = `sessions-${number}`;
  writeSmallRecording(directory, { name, rows });
  return [join(directory, `${name}.json`), directory];
}
