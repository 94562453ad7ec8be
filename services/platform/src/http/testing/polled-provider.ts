import type { ServerResponse } from "node:http";
import { appendFacts } from "../../log/append-facts.ts";
import type { Collected } from "../collected.ts";
import { type LocalServer, startServer } from "../mock/local-server.ts";
import { isProviderError } from "../provider-error.ts";
import type { Provider, ProviderLimits } from "../provider-limits.ts";
import { FAILURES } from "./failing-server.ts";
import { type ProviderUnderTest, providerUnderTest } from "./provider-under-test.ts";

/** What the mock answers from now on: a failure of the transport by name, a status, or JSON. */
export type MockAnswer =
  | { readonly failure: string; readonly size?: number }
  | { readonly status: number; readonly json?: unknown; readonly retryAfter?: number }
  | { readonly json: unknown };

const READ = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 };

/** What one request was. */
export interface MockRequest {
  readonly method: string | undefined;
  /** Path with query. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** Ms on the clock of the test. */
  readonly atMs: number;
}

/** A provider whose mock answers as told, polled as a job does on a clock that does not wait. */
export class PolledProvider {
  readonly under: ProviderUnderTest;
  readonly server: LocalServer;
  readonly requests: MockRequest[];
  readonly #state: { answer: MockAnswer | ((path: string) => unknown) };

  private constructor(
    server: LocalServer,
    under: ProviderUnderTest,
    requests: MockRequest[],
    state: { answer: MockAnswer | ((path: string) => unknown) },
  ) {
    this.server = server;
    this.under = under;
    this.requests = requests;
    this.#state = state;
  }

  static async start(
    provider: Provider,
    options: { readonly startMs: number; readonly limits?: Partial<ProviderLimits> },
  ): Promise<PolledProvider> {
    const requests: MockRequest[] = [];
    const state: { answer: MockAnswer | ((path: string) => unknown) } = { answer: { json: null } };
    let elapsedMs = () => 0;
    const server = await startServer((path, response) => {
      const { method, headers } = response.req;
      const { authorization } = headers;
      requests.push({ method, path, authorization, atMs: elapsedMs() });
      const { answer } = state;
      respond(response, typeof answer === "function" ? { json: answer(path) } : answer);
    });
    const under = providerUnderTest(provider, server.origin, options);
    elapsedMs = under.clock.elapsedMs;
    return new PolledProvider(server, under, requests, state);
  }

  /** What the mock answers from now on; a function makes JSON of path and query. */
  answers(answer: MockAnswer | ((path: string) => unknown)): void {
    this.#state.answer = answer;
  }

  /** Polls once a second, appending what comes; how many facts came. */
  async poll(times: number, ask: () => Promise<Collected>): Promise<number> {
    let count = 0;
    for (let polls = 0; polls < times; polls += 1) {
      try {
        const { facts } = await ask();
        await appendFacts(this.under.log, facts, "/amc/test");
        count += facts.length;
      } catch (error) {
        if (!isProviderError(error)) throw error;
      }
      this.under.clock.advance(1_000);
    }
    return count;
  }

  /** The most requests that any stretch of this length saw: what a budget promises, counted by the mock. */
  mostWithin(windowMs: number): number {
    const counts = this.requests.map(
      ({ atMs: from }) =>
        this.requests.filter(({ atMs }) => atMs >= from && atMs < from + windowMs).length,
    );
    return Math.max(0, ...counts);
  }

  /** Everything that the log holds, as text: where a secret would show. */
  async recordedText(): Promise<string> {
    const { log } = this.under;
    const texts: string[] = [];
    for (const { topic } of log.topics()) {
      for (const { key, value, headers } of await log.read(topic, 0, 0, READ)) {
        texts.push(
          `${key} ${Buffer.from(value ?? []).toString("latin1")} ${JSON.stringify(headers)}`,
        );
      }
    }
    return texts.join("\n");
  }

  async close(): Promise<void> {
    await this.under.close();
    await this.server.close();
  }
}

function respond(response: ServerResponse, answer: MockAnswer): void {
  if ("failure" in answer) {
    FAILURES[answer.failure]?.(response, answer.size ?? 1);
    return;
  }
  const { json } = answer;
  if ("retryAfter" in answer && answer.retryAfter !== undefined) {
    response.setHeader("retry-after", answer.retryAfter);
  }
  const status = "status" in answer ? answer.status : 200;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(json ?? {}));
}
