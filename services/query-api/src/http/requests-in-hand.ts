import { WAITING_CLOCK, type WaitingClock } from "@amc/platform/http/waiting-clock";
import type { FastifyInstance } from "fastify";

/**
 * So long an app that closes lets its requests end: fastify gives up on a hook after 10 s, and whoever
 * runs the process kills it after 30 (services/amc/src/run/supervisor.ts). A statement has 2.
 */
const DRAINING_MS_MAX = 8_000;

type Sleep = WaitingClock["sleep"];

/**
 * What is being answered. Whoever closes the log or the database waits for it: a decision whose caller
 * was cut off may be in force all the same.
 */
export class RequestsInHand {
  readonly #sleep: Sleep;
  #count = 0;
  #tellNone: (() => void) | null = null;

  /** Of an app that has no routes yet. */
  constructor(app: FastifyInstance, sleep: Sleep = WAITING_CLOCK.sleep) {
    this.#sleep = sleep;
    app.addHook("onRequest", (_request, reply, done) => {
      const end = this.#begin();
      // The first says that the system has the whole answer, the second that nobody waits for one.
      reply.raw.once("finish", end).once("close", end);
      done();
    });
    app.addHook("onRoute", (route) => {
      const { handler } = route;
      route.handler = async (request, reply) => {
        // A caller that hangs up does not end what is being done for it.
        const end = this.#begin();
        try {
          return await handler.call(app, request, reply);
        } finally {
          end();
        }
      };
    });
  }

  /** Resolves when nothing is in hand any longer, or after eight seconds, with the number that is left. */
  async ended(): Promise<number> {
    if (this.#count === 0) return 0;
    const over = new AbortController();
    const none = new Promise<void>((resolve) => {
      this.#tellNone = resolve;
    });
    await Promise.race([none, this.#sleep(DRAINING_MS_MAX, over.signal)]);
    over.abort();
    return this.#count;
  }

  #begin(): () => void {
    this.#count += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#count -= 1;
      if (this.#count === 0) this.#tellNone?.();
    };
  }
}
