import { setTimeout as wait } from "node:timers/promises";
import type { RealStack } from "../../testing/real-stack.ts";
import { isRunning, numberIn, type ServiceProcess } from "../../testing/service-process.ts";

/** What the matrix allows a service that is asked to end (F32). */
const END_MS_MAX = 15_000;
/** Who has not ended after this never will. */
const PATIENCE_MS = 60_000;

/** A service and how many processes of it. */
interface Role {
  readonly words: readonly string[];
  readonly instances: number;
}

/** All that work on what is recorded; the scheduler publishes time, see `terminated-scheduler.ts`. */
const ROLES = {
  processor: { words: ["processor", "--instances", "2"], instances: 2 },
  projector: { words: ["projector"], instances: 1 },
  alerts: { words: ["alerts"], instances: 1 },
  api: { words: ["api"], instances: 1 },
} satisfies Readonly<Record<string, Role>>;
export type RoleName = keyof typeof ROLES | "ingest";
export const ROLE_NAMES: readonly RoleName[] = [
  "processor",
  "projector",
  "alerts",
  "api",
  "ingest",
];

/** The services of a stack, each in processes of its own, ended by SIGTERM and started again. */
export class TerminatedServices {
  /** How services ended that did not end as they should. */
  readonly badEnds: string[] = [];
  slowestEndMs = 0;
  readonly #stack: RealStack;
  readonly #running = new Map<RoleName, ServiceProcess>();
  readonly #all: { readonly role: RoleName; readonly process: ServiceProcess }[] = [];
  #ingest: Role = { words: [], instances: 1 };

  constructor(stack: RealStack) {
    this.#stack = stack;
    for (const role of ROLE_NAMES) if (role !== "ingest") this.start(role);
  }

  /** Ids of the alerts that were shown, as often as they were. */
  get shownAlerts(): readonly unknown[] {
    return this.#all.flatMap(({ process }) => process.lines("alert").map(({ id }) => id));
  }

  /** Lets ingest play another recording. */
  play(recording: string, data: string): void {
    const words = ["ingest", "--recording", recording, "--data", data];
    this.#ingest = { words, instances: 1 };
    this.start("ingest");
  }

  start(role: RoleName): void {
    const { words } = role === "ingest" ? this.#ingest : ROLES[role];
    const process = this.#stack.start(...words);
    this.#running.set(role, process);
    this.#all.push({ role, process });
  }

  /** Whether ingest has played all of its recording. */
  get hasPlayed(): boolean {
    return (this.#running.get("ingest")?.lines("played").length ?? 0) > 0;
  }

  /** Resolves when a service tells where it answers: from then on it knows what SIGTERM means. */
  async hasStarted(role: RoleName): Promise<void> {
    const { instances } = role === "ingest" ? this.#ingest : ROLES[role];
    await this.#running.get(role)?.said("service", instances);
  }

  /** Asks a service to end and sees to it that it does, with all of its processes. */
  async terminate(role: RoleName): Promise<void> {
    const process = this.#running.get(role);
    if (process === undefined) throw new RangeError(`${role} does not run`);
    const { endMs, badEnd } = await endInTime(role, process);
    this.slowestEndMs = Math.max(this.slowestEndMs, endMs);
    if (badEnd !== null) this.badEnds.push(badEnd);
  }

  async terminateAll(): Promise<void> {
    for (const role of ROLE_NAMES) if (role !== "ingest") await this.terminate(role);
  }

  /** The end of what every running service has written to stderr. */
  standing(): string {
    return [...this.#running].map(([role, process]) => `${role}: ${lastWords(process)}`).join("\n");
  }
}

/** The end of what a process has written to stderr, without the frames of a stack. */
function lastWords({ log }: ServiceProcess): string {
  const lines = log.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("    at "));
  return lines.slice(-3).join(" | ").slice(-1_000);
}

interface TerminatedEnd {
  /** From SIGTERM to the end, ms. */
  readonly endMs: number;
  /** What was wrong with it; null when nothing was. */
  readonly badEnd: string | null;
}

/** Asks a service to end and sees to it that it does, with all of its processes. */
export async function endInTime(name: string, service: ServiceProcess): Promise<TerminatedEnd> {
  const pids = service.lines("service").map((line) => numberIn(line, "pid"));
  const startedMs = performance.now();
  service.child.kill("SIGTERM");
  const late = Symbol("late");
  const code = await Promise.race([service.exit(), wait(PATIENCE_MS, late, { ref: false })]);
  const endMs = Math.round(performance.now() - startedMs);
  if (code === late) {
    await service.kill();
    return { endMs, badEnd: `${name} has not ended after ${PATIENCE_MS} ms` };
  }
  if (code !== 0) {
    return { endMs, badEnd: `${name} ended with ${String(code)}: ${lastWords(service)}` };
  }
  const orphans = pids.filter(isRunning);
  if (orphans.length > 0) {
    return { endMs, badEnd: `${name} left ${orphans.length} processes behind` };
  }
  const isLate = endMs > END_MS_MAX;
  return { endMs, badEnd: isLate ? `${name} took ${endMs} ms to end` : null };
}
