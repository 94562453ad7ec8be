interface Waiting {
  readonly begin: () => void;
  readonly giveUp: (error: unknown) => void;
}

/**
 * Lets a number of calls run at once and the others wait for their turn. A call that fails speaks for
 * those that wait: when a server is away, nobody finds that out one deadline after the other.
 */
export class Turns {
  #free: number;
  #waiting: Waiting[] = [];

  constructor(most: number) {
    this.#free = most;
  }

  /** Rejects as the call does, or as one before it did. */
  async take<Result>(call: () => Promise<Result>): Promise<Result> {
    await this.#turn();
    try {
      return await call();
    } catch (error) {
      for (const { giveUp } of this.#waiting.splice(0)) giveUp(error);
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next.begin();
    }
  }

  async #turn(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ begin: resolve, giveUp: reject });
    await promise;
  }
}
