import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@amc/replay/seeded-random";
import { type Change, Disk, type DiskImage, type DiskNode } from "./disk.ts";
import { examineState, type Outcome, putImage } from "./examine-state.ts";
import { chosenFates } from "./fates.ts";
import { NOTHING_PROMISED, type Promised, promisedAfter } from "./promises.ts";
import { type Life, recordLife } from "./record-life.ts";
import { SHARED_MEMORY, TraceOperations } from "./trace-operations.ts";

/** Builds that are broken on purpose; a check that misses one of them proves nothing. */
export const BROKEN_BUILDS = [
  "acknowledges-first",
  "commit-not-synced",
  "checkpoint-not-synced",
  "new-store-not-synced",
  "names-not-synced",
] as const;
export type CrashBuild = "sound" | (typeof BROKEN_BUILDS)[number];

/**
 * The syncs that a broken build leaves out. A build without a call does what the sound one does
 * without that call, so it is left out of the sound build's trace.
 */
const OMITTED_SYNCS: Partial<Record<CrashBuild, (path: string, node: DiskNode) => boolean>> = {
  "commit-not-synced": (path) => path.endsWith("/log.sqlite-wal"),
  "checkpoint-not-synced": (path) => path.endsWith("/log.sqlite"),
  "new-store-not-synced": (path) => path.endsWith("/log.sqlite.new"),
  "names-not-synced": (_, node) => node.kind === "directory",
};

/** Nothing is to survive here, so memory will do; a disk works as well and takes longer. */
const MEMORY_FOLDER = "/dev/shm";
const LOG_PATH = "data/log";
const LIVES_PER_TRACE = 2;
const GROUPS_MAX = 8;
/** Undefined is a kill in the middle. */
const ENDINGS = ["closed", "killed", undefined] as const;
/** Making a log takes some 45 syncs, opening one a few, a group of commits one. */
const SYNCS_MAX = 60;
/** So many traces follow each other, each from a state that its predecessor's crash may leave. */
const TRACES_PER_CHAIN = 4;
const PROBLEMS_SHOWN = 5;

export interface CrashPlan {
  readonly build: CrashBuild;
  readonly seed: number;
  /** Different states to examine; the trace in hand is finished. */
  readonly states: number;
  /** States tried at each point between two operations. */
  readonly statesPerPoint: number;
  /** Ends after the first trace that showed a state to be wrong: enough for a broken build. */
  readonly untilCaught?: boolean;
  readonly onTrace?: (counts: CrashCounts) => void;
}

export interface CrashCounts {
  traces: number;
  operations: number;
  /** Points between two operations at which the power went. */
  points: number;
  /** States that differ from each other in a byte or in what was promised. */
  states: number;
  readonly outcomes: Record<Outcome["kind"], number>;
  readonly problems: string[];
}

/** Where a trace begins: an empty disk, or what a crash has left. */
interface Start {
  readonly image: DiskImage;
  readonly promised: Promised;
}

const EMPTY_START: Start = { image: new Map(), promised: NOTHING_PROMISED };

/**
 * Records what the file log does to its files, through lives that end in order or by kill -9, and
 * opens the states that a power loss at any point of them may leave.
 */
export async function enumerateCrashStates(plan: CrashPlan): Promise<CrashCounts> {
  const parent = existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir();
  const folder = mkdtempSync(join(parent, "amc-crash-states-"));
  try {
    return await new Enumeration(plan, folder).run();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class Enumeration {
  readonly #plan: CrashPlan;
  readonly #random: () => number;
  /** Where lives are recorded, and where the states they may leave are opened. */
  readonly #recorded: string;
  readonly #examined: string;
  readonly #seen = new Set<string>();
  readonly #counts: CrashCounts = {
    traces: 0,
    operations: 0,
    points: 0,
    states: 0,
    outcomes: { whole: 0, refused: 0, wrong: 0 },
    problems: [],
  };
  #disk = new Disk();
  #promised = NOTHING_PROMISED;
  /** A state of the trace in hand from which the next one may begin. */
  #next = EMPTY_START;
  #candidates = 0;

  constructor(plan: CrashPlan, folder: string) {
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
    this.#recorded = join(folder, "recorded");
    this.#examined = join(folder, "examined");
  }

  async run(): Promise<CrashCounts> {
    const counts = this.#counts;
    const { states, untilCaught = false, onTrace } = this.#plan;
    const isCaught = () => untilCaught && counts.states > counts.outcomes.whole;
    while (counts.states < states && !isCaught()) {
      await this.#trace(counts.traces % TRACES_PER_CHAIN === 0 ? EMPTY_START : this.#next);
      counts.traces += 1;
      onTrace?.(counts);
    }
    return counts;
  }

  async #trace({ image, promised }: Start): Promise<void> {
    putImage(this.#recorded, image);
    this.#disk = Disk.holding(image);
    this.#promised = promised;
    this.#next = EMPTY_START;
    this.#candidates = 0;
    for (let life = 0; life < LIVES_PER_TRACE; life++) {
      const calls = await recordLife(this.#life());
      await this.#enumerate(calls);
    }
  }

  #life(): Life {
    const random = this.#random;
    return {
      directory: join(this.#recorded, LOG_PATH),
      root: this.#recorded,
      build: this.#plan.build === "acknowledges-first" ? "acknowledges-first" : "sound",
      ending: ENDINGS[Math.floor(random() * ENDINGS.length)] ?? {
        killedAtSync: 1 + Math.floor(random() * SYNCS_MAX),
      },
      groups: 1 + Math.floor(random() * GROUPS_MAX),
      seed: Math.floor(random() * 2 ** 31),
    };
  }

  async #enumerate(calls: readonly string[]): Promise<void> {
    const omits = OMITTED_SYNCS[this.#plan.build];
    const disk = this.#disk;
    for (const operation of new TraceOperations(disk, this.#recorded).read(calls)) {
      if (operation.kind === "said") {
        // Asks for more and changes nothing: the states before it need not be opened twice.
        this.#promised = promisedAfter(this.#promised, operation.line);
        continue;
      }
      await this.#point();
      this.#counts.operations += 1;
      const isOmitted =
        operation.kind === "sync" && omits?.(disk.pathOf(operation.node) ?? "", operation.node);
      if (isOmitted !== true) disk.apply(operation);
    }
    await this.#point();
  }

  /** The power goes now. */
  async #point(): Promise<void> {
    this.#counts.points += 1;
    const { pending } = this.#disk;
    for (const fates of chosenFates(pending, this.#random, this.#plan.statesPerPoint)) {
      const image = withSharedMemory(this.#disk.image(fates), this.#random);
      const key = digestOf(image, this.#promised);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      await this.#examine(image, () => describe(pending, fates));
    }
  }

  async #examine(image: DiskImage, how: () => string): Promise<void> {
    const counts = this.#counts;
    const promised = this.#promised;
    const directory = join(this.#examined, LOG_PATH);
    const outcome = await examineState(this.#examined, image, directory, promised);
    counts.states += 1;
    counts.outcomes[outcome.kind] += 1;
    if (outcome.kind === "whole") {
      // Each of the trace's states is equally likely to be the next start.
      this.#candidates += 1;
      if (this.#random() * this.#candidates < 1) this.#next = { image, promised };
    } else if (counts.problems.length < PROBLEMS_SHOWN) {
      const place = `trace ${counts.traces + 1}, operation ${counts.operations}`;
      counts.problems.push(`${place}, ${how()}: ${outcome.problem}`);
    }
  }
}

/** Shared memory is no part of what was written: after a crash it holds anything. */
function withSharedMemory(image: DiskImage, random: () => number): DiskImage {
  const paths = [...image.keys()].filter((path) => SHARED_MEMORY.test(path));
  if (paths.length === 0) return image;
  const changed = new Map(image);
  for (const path of paths) {
    const recorded = changed.get(path);
    const choice = random();
    if (choice < 1 / 3) changed.delete(path);
    else if (choice < 2 / 3 && recorded instanceof Uint8Array) {
      changed.set(
        path,
        recorded.map(() => Math.floor(random() * 256)),
      );
    }
  }
  return changed;
}

function digestOf(image: DiskImage, promised: Promised): string {
  const hash = createHash("sha1").update(JSON.stringify(promised));
  for (const path of [...image.keys()].sort()) {
    const content = image.get(path);
    if (content === undefined || SHARED_MEMORY.test(path)) continue;
    hash.update(`\n${path} ${content.length}\n`).update(content);
  }
  return hash.digest("base64");
}

function describe(pending: readonly Change[], fates: readonly unknown[]): string {
  const counts = { kept: 0, lost: 0, torn: 0 };
  for (const fate of fates) counts[fate === "kept" || fate === "lost" ? fate : "torn"] += 1;
  const { kept, lost, torn } = counts;
  return `of ${pending.length} unsynced changes ${kept} kept, ${lost} lost, ${torn} torn`;
}
