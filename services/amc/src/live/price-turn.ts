import type { Provider } from "@amc/platform/http/provider-limits";

/**
 * Who is asked for prices is asked for nothing else while a sweep over them is under way: the slot waits for
 * its newest minutes, and all that is asked of one provider shares one budget, first come first served.
 */
export class PriceTurn {
  readonly #underWay = new Map<Provider, Promise<unknown>>();

  /** A sweep over prices, from its first question to its last. */
  async sweeping(provider: Provider, sweep: () => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#underWay.set(provider, promise);
    try {
      await sweep();
    } finally {
      this.#underWay.delete(provider);
      resolve();
    }
  }

  /** Resolves when a question about something else may be sent. */
  async afterPrices(provider: Provider): Promise<void> {
    for (let sweep = this.#of(provider); sweep !== null; sweep = this.#of(provider)) await sweep;
  }

  #of(provider: Provider): Promise<unknown> | null {
    return this.#underWay.get(provider) ?? null;
  }
}
