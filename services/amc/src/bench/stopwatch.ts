/** Wall and processor time since it was started. */
export class Stopwatch {
  readonly #startedMs = performance.now();
  readonly #cpu = process.cpuUsage();

  elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /**
   * Processor time of all threads of the process, the collector's and compiler's too. Other work on
   * the machine hardly touches it, which makes it the fairer figure on shared cores.
   */
  cpuMs(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return (user + system) / 1_000;
  }
}

/** `count` in so many ms as a rate per second. */
export function perSecond(count: number, ms: number): number {
  return Math.round((count / ms) * 1_000);
}
