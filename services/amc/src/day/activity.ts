import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { setImmediate } from "node:timers/promises";
import type { Log } from "@amc/platform/log/port";

/** Turns of the event loop without any work in hand after which nothing is going on. */
const CALM_TURNS = 4;
/** Of real time: longer than any answer of a mock or commit takes on a machine that is busy. */
const STUCK_MS = 60_000;

/**
 * What is in hand just now, so that time can stand still while it is. Work that is done in this process
 * alone ends before the event loop turns; what leaves it is counted: requests of providers and what is
 * read from and written to the log.
 */
export class Activity {
  #inHand = 0;
  #idle = Promise.withResolvers<void>();
  readonly #requests = new Set<unknown>();

  /** Counts requests until the returned function is called. */
  watchRequests(): () => void {
    const begun = (message: unknown): void => {
      const request = requestOf(message);
      if (request === null || this.#requests.has(request)) return;
      this.#requests.add(request);
      this.#begin();
    };
    const ended = (message: unknown): void => {
      if (this.#requests.delete(requestOf(message))) this.#end();
    };
    subscribe("undici:request:create", begun);
    const ends = ["undici:request:trailers", "undici:request:error"];
    for (const name of ends) subscribe(name, ended);
    return () => {
      unsubscribe("undici:request:create", begun);
      for (const name of ends) unsubscribe(name, ended);
    };
  }

  async during<Result>(work: Promise<Result>): Promise<Result> {
    this.#begin();
    try {
      return await work;
    } finally {
      this.#end();
    }
  }

  /** The same log, counted; to wait for a record is no work. */
  counted(log: Log): Log {
    const during = <Result>(work: Promise<Result>) => this.during(work);
    return {
      partitions: (topic) => log.partitions(topic),
      topics: () => log.topics(),
      startOffset: (...of) => during(log.startOffset(...of)),
      endOffset: (...of) => during(log.endOffset(...of)),
      offsetAtTime: (...of) => during(log.offsetAtTime(...of)),
      read: (...of) => during(log.read(...of)),
      waitFor: (...of) => log.waitFor(...of),
      acquire: (...of) => during(log.acquire(...of)),
      positions: (...of) => during(log.positions(...of)),
      state: (...of) => this.#counted(log.state(...of)),
      commit: (commit) => during(log.commit(commit)),
      truncateBefore: (...of) => during(log.truncateBefore(...of)),
      close: () => log.close(),
    };
  }

  /** Resolves when nothing is in hand; rejects when that takes longer than anything may. */
  async quiet(): Promise<void> {
    for (let calm = 0; calm < CALM_TURNS; ) {
      if (this.#inHand > 0) {
        await this.#untilIdle();
        calm = 0;
      } else {
        await setImmediate();
        calm += 1;
      }
    }
  }

  async #untilIdle(): Promise<void> {
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), STUCK_MS);
    const first = await Promise.race([this.#idle.promise, late.promise]);
    clearTimeout(timer);
    if (first !== "late") return;
    const what = `${this.#requests.size} requests and ${this.#inHand - this.#requests.size} uses of the log`;
    throw new Error(`the day does not go on: ${what} have not ended within ${STUCK_MS} ms`);
  }

  async *#counted<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
    this.#begin();
    try {
      yield* items;
    } finally {
      this.#end();
    }
  }

  #begin(): void {
    this.#inHand += 1;
  }

  #end(): void {
    this.#inHand -= 1;
    if (this.#inHand > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }
}

function requestOf(message: unknown): unknown {
  return typeof message === "object" && message !== null && "request" in message
    ? message.request
    : null;
}
