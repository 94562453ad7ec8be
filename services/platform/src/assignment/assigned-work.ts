import { setTimeout as wait } from "node:timers/promises";
import type { UnitWorker } from "./membership.ts";
import { type Unit, unitName } from "./unit.ts";

/** Why the work on a unit ended: asked to, owned by somebody newer, or with nothing left to do. */
export type WorkEnd = "released" | "lost" | "finished";

/** Works on one unit until `signal` aborts; then finishes what is in hand. Rejects with what is fatal. */
export type Work = (unit: Unit, signal: AbortSignal) => Promise<WorkEnd>;

export interface AssignedWorkOptions {
  readonly work: Work;
  /** Told when a unit was taken by somebody newer while it was still assigned here. */
  readonly onLost?: (unit: Unit, retryInMs: number) => void;
  /** Told when a unit has nothing left to do. */
  readonly onFinished?: (unit: Unit) => void;
  readonly random?: () => number;
}

/** Wait before a lost unit that is still assigned is taken up again: doubled, capped, with jitter. */
const LOST_FIRST_MS = 500;
const LOST_MAX_MS = 30_000;

interface Running {
  readonly unit: Unit;
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
}

/** Runs a piece of work for every unit that is assigned to this process, and for no other. */
export class AssignedWork implements UnitWorker {
  readonly #options: AssignedWorkOptions;
  readonly #running = new Map<string, Running>();
  readonly #failed = Promise.withResolvers<never>();
  /** What `take` was called with last; a unit that comes back while it is let go starts after that. */
  #wanted: readonly Unit[] = [];

  constructor(options: AssignedWorkOptions) {
    this.#options = options;
    // Who only stops need not listen.
    void Promise.allSettled([this.#failed.promise]);
  }

  /** Rejects with the first fatal failure of any unit. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  held(): readonly Unit[] {
    return [...this.#running.values()].map(({ unit }) => unit);
  }

  async take(units: readonly Unit[]): Promise<void> {
    this.#wanted = units;
    const names = new Set(units.map(unitName));
    const leaving = [...this.#running].filter(([name]) => !names.has(name));
    for (const [, { stop }] of leaving) stop.abort();
    for (const unit of units) if (!this.#running.has(unitName(unit))) this.#start(unit);
    await Promise.all(leaving.map(([, { ended }]) => ended));
  }

  #start(unit: Unit): void {
    const name = unitName(unit);
    const stop = new AbortController();
    const ended = this.#run(unit, stop.signal)
      .catch((error: unknown) => this.#failed.reject(error))
      .then(() => {
        this.#running.delete(name);
        if (!stop.signal.aborted) return;
        const again = this.#wanted.find((wanted) => unitName(wanted) === name);
        if (again !== undefined) this.#start(again);
      });
    this.#running.set(name, { unit, stop, ended });
  }

  /** Ends when the unit is let go; a unit that was lost is tried again while it is assigned. */
  async #run(unit: Unit, signal: AbortSignal): Promise<void> {
    const { work, onLost, onFinished, random = Math.random } = this.#options;
    for (let losses = 0; !signal.aborted; losses += 1) {
      const end = await work(unit, signal);
      if (end === "finished") onFinished?.(unit);
      if (end !== "lost" || signal.aborted) return;
      const cap = Math.min(LOST_MAX_MS, LOST_FIRST_MS * 2 ** losses);
      const retryInMs = Math.ceil(cap * (1 - random() / 2));
      onLost?.(unit, retryInMs);
      await wait(retryInMs, undefined, { signal }).catch(swallowAbort);
    }
  }
}

function swallowAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
