import { setImmediate } from "node:timers/promises";
import { MINUTE_SETTLED_MS } from "@amc/ingest-prices/providers/yahoo/chart-facts";
import { MockMarket } from "@amc/mock-providers/market/mock-market";
import { type MockServer, startMockServer } from "@amc/mock-providers/mock-server";
import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import { mockOf } from "@amc/mock-providers/mocked-variables";
import { loadConfig } from "@amc/platform/config/load-config";
import type { Collected } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { pinnedAgent } from "@amc/platform/http/pinned-agent";
import {
  ProviderClient,
  type ProviderQuestion,
  type Received,
} from "@amc/platform/http/provider-client";
import { providerLimits } from "@amc/platform/http/provider-limits";
import { type MemoryJournal, memoryJournal } from "@amc/platform/http/testing/memory-journal";
import { type VirtualClock, virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { type QuestionOfDay, questionOf } from "./asked-providers.ts";

/** What is wrong with a build: nothing, or where the fault bites. */
export type ProviderBuild = "sound" | "no budget" | "carried forward" | "believed";

const SYMBOLS = ["AMC", "BB", "GME", "KOSS", "SIMA", "SIMB"] as const;
/** Of real time, for answers that never end; a good one that is slower is one more failure. */
const DEADLINE_MS = 150;

/** One provider's mock with the product's way to it, on a clock that does not wait. */
export class StruckProvider {
  readonly provider: MockedProvider;
  readonly server: MockServer;
  readonly journal: MemoryJournal;
  readonly clock: VirtualClock;
  readonly question: QuestionOfDay;
  readonly symbols: readonly string[] = SYMBOLS;
  /** For a build that tells it again. */
  lastAnswer: Collected | null = null;
  readonly #at: { nowMs: number };
  readonly #closeAgent: () => Promise<void>;

  private constructor(
    parts: Pick<StruckProvider, "provider" | "server" | "journal" | "clock" | "question">,
    at: { nowMs: number },
    closeAgent: () => Promise<void>,
  ) {
    this.provider = parts.provider;
    this.server = parts.server;
    this.journal = parts.journal;
    this.clock = parts.clock;
    this.question = parts.question;
    this.#at = at;
    this.#closeAgent = closeAgent;
  }

  static async start(
    provider: MockedProvider,
    startMs: number,
    build: ProviderBuild,
  ): Promise<StruckProvider> {
    const at = { nowMs: startMs };
    const clock = afterArrivals(virtualClock(startMs));
    const market = new MockMarket(SYMBOLS);
    const server = await startMockServer(
      mockOf(provider, market, () => at.nowMs),
      clock.elapsedMs,
    );
    const { origin } = server;
    const trusted = new Set([origin]);
    const agent = pinnedAgent({ trusted, connections: 2, connectMs: 5_000 });
    const journal = memoryJournal();
    const configured = providerLimits(provider, loadConfig({}));
    const windows = build === "no budget" ? [] : configured.windows;
    const Client = build === "believed" ? BelievingClient : ProviderClient;
    const client = new Client({
      ...{ provider, dispatcher: agent, trusted, journal, clock },
      limits: { ...configured, windows, deadlineMs: DEADLINE_MS },
      ...{ random: () => 0, breakerOn: true, simulated: true },
    });
    const question = questionOf(provider, { client, origin, clock, market });
    const parts = { provider, server, journal, clock, question };
    return new StruckProvider(parts, at, () => agent.destroy());
  }

  /**
   * It is this instant for the mock from now on; for whoever asks it is at least so late that the minute
   * before it is settled.
   */
  reach(nowMs: number): void {
    this.#at.nowMs = nowMs;
    this.clock.advance(Math.max(0, nowMs + MINUTE_SETTLED_MS - this.clock.nowMs()));
  }

  async close(): Promise<void> {
    await this.#closeAgent();
    await this.server.close();
  }
}

/** Turns of the event loop in which what was sent on loopback, and given up at once, arrives. */
const TURNS = 4;

/**
 * A clock that goes on only when what is on its way has arrived. Otherwise a request that a client has just given up
 * would arrive, in a time that jumps, a minute after it was sent.
 */
function afterArrivals(clock: VirtualClock): VirtualClock {
  return {
    ...clock,
    sleep: async (ms, signal) => {
      for (let turn = 0; turn < TURNS; turn += 1) await setImmediate();
      await clock.sleep(ms, signal);
    },
  };
}

/** A build that takes whatever comes for the answer to what it asked. */
class BelievingClient extends ProviderClient {
  override ask<Answer>(question: ProviderQuestion<Answer>): Promise<Received<Answer>> {
    const { url } = question.request;
    const [symbol = "GME"] = SYMBOLS.filter((each) => new RegExp(`\\b${each}\\b`).test(url.href));
    const believed = (answer: HttpAnswer): HttpAnswer => ({
      ...answer,
      body: Buffer.from(answer.body.toString().replaceAll("WRNG", symbol)),
    });
    return super.ask({
      ...question,
      read: (answer, captured) => question.read(believed(answer), captured),
    });
  }
}
