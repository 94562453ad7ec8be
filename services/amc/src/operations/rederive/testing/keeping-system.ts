import {
  type MockProvider,
  type MockServer,
  startMockServer,
} from "@amc/mock-providers/mock-server";
import { loadConfig } from "@amc/platform/config/load-config";
import { stalenessLimits } from "@amc/platform/config/staleness-limits";
import { type OpenedProvider, openProvider } from "@amc/platform/http/open-provider";
import type { Provider } from "@amc/platform/http/provider-limits";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { createMemoryLog } from "@amc/platform/log/memory";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { periodDecided } from "@amc/streams/testing/schedule-events";
import { deriveAgain } from "../derive-again.ts";
import { compareWithLog } from "../fact-differences.ts";
import { type AnswerRange, keptAnswers } from "../kept-answers.ts";

export const SOURCE = "/amc/test";
export const EVERYTHING: AnswerRange = { fromMs: -Infinity, toMs: Infinity, provider: null };
const VARIABLES = loadConfig({ KEEP_RAW_ANSWERS: "true" });
export const STALENESS = stalenessLimits(VARIABLES);

/** A log in memory and mocks whose raw answers are kept in it, at a time that only a test moves. */
export class KeepingSystem {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly log: ReturnType<typeof createMemoryLog>;
  readonly #opened: (OpenedProvider | MockServer)[] = [];

  constructor(startMs: number) {
    this.clock = virtualClock(startMs);
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 2 }));
    this.log = createMemoryLog(layout, this.clock.nowMs);
  }

  async open(provider: Provider, mock: MockProvider) {
    const { clock, log } = this;
    const server = await startMockServer(mock, clock.elapsedMs);
    this.#opened.push(server);
    const provided = await openProvider({
      ...{ provider, variables: VARIABLES, log, clock, source: SOURCE },
      ...{ baseUrls: [server.origin], simulated: true },
      logger: { info: () => undefined, warn: () => undefined },
    });
    this.#opened.push(provided);
    return {
      ...{ client: provided.client, server, origin: server.origin },
      close: () => provided.close(),
    };
  }

  /** A person decides a period of FINRA's schedule, now. */
  async decide(settlementDate: string, days: string): Promise<void> {
    const { topic, id, key, value } = periodDecided(settlementDate, days, this.clock.nowMs());
    const headers = eventHeaders({ id, source: SOURCE, topic, happenedAt: value.happenedAt });
    const append = { topic, key, partition: 0, value: encodeEvent(topic, value), headers };
    await this.log.commit({ appends: [append] });
  }

  /** What is made of the answers now, and what of it the log has otherwise. */
  async derived(range = EVERYTHING) {
    const again = await deriveAgain(this.log, await keptAnswers(this.log, range), STALENESS);
    return { again, ...(await compareWithLog(this.log, again)) };
  }

  async close(): Promise<void> {
    for (const one of this.#opened.splice(0).reverse()) await one.close();
  }
}
