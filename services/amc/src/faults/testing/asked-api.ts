import { setTimeout as wait } from "node:timers/promises";
import { createMemoryCache } from "@amc/platform/cache/memory";
import { loadConfig } from "@amc/platform/config/load-config";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { createApi } from "@amc/query-api/app";
import { DEFAULT_API_CONFIG } from "@amc/query-api/config";
import { TOKEN_HEADER } from "@amc/query-api/control/decision";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import { recordsOf } from "@amc/replay/log-digests";
import { replayTopology } from "@amc/replay/replay-topologies";
import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import type { FastifyInstance } from "fastify";
import type { Closers } from "../../closers.ts";
import { openOwnDatabase } from "../../database.ts";
import { experimentDefaults } from "../../operations/settings/experiment-decision.ts";
import { decisionsInTurn } from "../../operations/settings/operator-settings.ts";
import type { Build, FaultScope } from "./fault.ts";
import type { Finding } from "./loaded-brokers.ts";
import { marketOnKafka } from "./market-on-kafka.ts";
import { openServer, processorLife, projectorLife } from "./market-tables.ts";

const MARKET = { symbols: 24, minutes: 30, partitions: 2, delivery: "deduplicated" as const };
const CONTROL = "ops.control.v1";
const READS = ["/recommendations", "/discovery/runs", "/near-misses"];
const TOKEN = "the token of a test that nobody else is told";
/** As many requests as a strike makes: a refusal would be taken for an outage. */
const CONFIG = { ...DEFAULT_API_CONFIG, requestsPerMinute: 1_000_000 };
const ASK_EVERY_MS = 100;
/** What the API says when the log does not answer. */
const UNAVAILABLE = 503;
/** The API waits a second for the log; the rest is for a busy machine. */
const ANSWER_MS_MAX = 3_000;

interface Asked {
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  readonly status: number;
  /** What it says of its own freshness. */
  readonly isStale: boolean;
}

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

/** When brokers were away, monotonic ms. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
  /** From here on nothing of before is on its way any more. */
  readonly settledMs: number;
}

/**
 * The API over the tables of a market, in this process, asked for rows again and again while brokers come
 * and go, and for a change of a setting while they are away. The broken build asks the log before
 * it answers.
 */
export class AskedApi {
  readonly #app: FastifyInstance;
  readonly #log: Log;
  readonly #build: Build;
  readonly #stop = new AbortController();
  readonly #asked: Asked[] = [];
  readonly #changes: Promise<Asked>[] = [];
  #asking: Promise<void> = Promise.resolve();
  #outage: Outage | null = null;

  private constructor(app: FastifyInstance, log: Log, build: Build) {
    this.#app = app;
    this.#log = log;
    this.#build = build;
  }

  static async open(
    cluster: OwnKafka,
    { build, seed }: FaultScope,
    closers: Closers,
  ): Promise<AskedApi> {
    const market = await marketOnKafka(cluster.address.split(","), { ...MARKET, seed });
    const database = await openServer(openOwnDatabase, closers);
    await processorLife(market).finished();
    await projectorLife(market, database, "sound").finished();
    const log = await market.open();
    closers.add(() => log.close());
    const app = await createApi({
      ...{ config: CONFIG, log, topology: replayTopology(), logger: createLogger("fatal") },
      readModel: createPostgresReadModel(database.api),
      cache: createMemoryCache(() => performance.now()),
      nowMs: Date.now,
      control: { token: TOKEN, publish: decisionsInTurn(log, experimentDefaults(loadConfig({}))) },
    });
    closers.add(() => app.close());
    const api = new AskedApi(app, log, build);
    closers.add(() => api.#end());
    return api;
  }

  /** Begins to ask for rows, one request after the other. */
  start(): void {
    this.#asking = this.#ask();
  }

  /** Asks for a change; `examine` looks at what became of it. */
  change(): void {
    this.#changes.push(this.#inject(() => this.#requestChange()));
  }

  /** Resolves when answers are current again; false when they are not in time. */
  async isCurrent(withinMs: number): Promise<boolean> {
    const fromMs = performance.now();
    const current = () => this.#asked.some((asked) => asked.askedAtMs > fromMs && isCurrent(asked));
    while (!current()) {
      if (performance.now() - fromMs > withinMs) return false;
      await wait(ASK_EVERY_MS);
    }
    return true;
  }

  /** Tells when it had one broker alone. */
  wasAlone(outage: Outage): void {
    this.#outage = outage;
  }

  /** Whether it answered while two brokers were away, and what became of the changes. */
  async examine(): Promise<Finding> {
    const outage = this.#outage;
    if (outage === null) throw new TypeError("no broker was away");
    const changes = await Promise.all(this.#changes);
    await this.#end();
    const { violations, counts, exceeded } = examineReads(this.#asked, outage);
    const taken = changes.filter(({ status }) => status === 200);
    const strange = changes.filter(({ status }) => status !== 200 && status !== UNAVAILABLE);
    const tooEarly = taken.filter(({ answeredAtMs }) => answeredAtMs < outage.toMs).length;
    return {
      counts: {
        ...counts,
        "changes taken afterwards": taken.length,
        "changes refused": changes.length - taken.length,
      },
      violations: [
        ...violations,
        ...strange.map(({ status }) => `a change was answered with ${status}`),
        ...(tooEarly > 0 ? [`${tooEarly} changes were taken by one broker alone`] : []),
        ...(await this.#wrongChanges(taken.length, changes.length)),
      ],
      exceeded,
    };
  }

  /** A change that was taken is in the log, one that was refused may be; none is there twice. */
  async #wrongChanges(taken: number, asked: number): Promise<string[]> {
    let written = 0;
    for await (const { partition } of recordsOf(this.#log, CONTROL)) {
      if (partition === 0) written += 1;
    }
    if (written >= taken && written <= asked) return [];
    return [`${written} changes are in the log, ${taken} of ${asked} were taken`];
  }

  async #ask(): Promise<void> {
    for (let at = 0; !this.#stop.signal.aborted; at += 1) {
      const url = READS[at % READS.length] ?? "/recommendations";
      this.#asked.push(await this.#inject(() => this.#app.inject({ url })));
      await wait(ASK_EVERY_MS);
    }
  }

  #requestChange(): Promise<Answer> {
    const payload = {
      ...{ setting: "preset", value: "catalyst_heavy", actor: "faults" },
      reason: `change ${this.#changes.length} while two brokers are away`,
    };
    const headers = { [TOKEN_HEADER]: TOKEN };
    return this.#app.inject({ method: "POST", url: "/control", headers, payload });
  }

  async #inject(request: () => Promise<Answer>): Promise<Asked> {
    const askedAtMs = performance.now();
    if (this.#build === "broken") await this.#askLog();
    const { statusCode: status, body } = await request();
    const isStale = body.includes('"stale":true');
    return { askedAtMs, answeredAtMs: performance.now(), status, isStale };
  }

  /** What an answer is not to wait for. */
  async #askLog(): Promise<void> {
    const topics = this.#log.topics();
    await Promise.allSettled(topics.map(({ topic }) => this.#log.endOffset(topic, 0)));
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    await this.#asking;
  }
}

function isCurrent({ status, isStale }: Asked): boolean {
  return status === 200 && !isStale;
}

/** Reads that were asked for while brokers were away: all are answered meanwhile, and say how old they may be. */
function examineReads(asked: readonly Asked[], { fromMs, toMs, settledMs }: Outage) {
  const away = asked.filter(({ askedAtMs }) => askedAtMs > fromMs && askedAtMs < toMs);
  const answered = away.filter(({ answeredAtMs }) => answeredAtMs < toMs);
  const refused = away.filter(({ status }) => status !== 200).length;
  // Who asks at the end of it may be answered when the brokers are back.
  const waited = away.filter(
    (each) => each.answeredAtMs > toMs && each.askedAtMs < toMs - ANSWER_MS_MAX,
  ).length;
  const settled = answered.filter(({ askedAtMs }) => askedAtMs > settledMs);
  const current = settled.filter(({ isStale }) => !isStale).length;
  const slowestMs = Math.max(0, ...away.map((each) => each.answeredAtMs - each.askedAtMs));
  const isLate = slowestMs > ANSWER_MS_MAX;
  return {
    counts: { "answers while away": answered.length, "slowest in ms": Math.round(slowestMs) },
    violations: [
      ...(settled.length === 0 ? ["no read was answered while brokers were away"] : []),
      ...(waited > 0 ? [`${waited} reads waited for the brokers`] : []),
      ...(refused > 0 ? [`${refused} reads were not answered`] : []),
      ...(current > 0 ? [`${current} answers did not say that they may be stale`] : []),
    ],
    exceeded: isLate ? [`a read took ${Math.round(slowestMs)} ms while brokers were away`] : [],
  };
}
