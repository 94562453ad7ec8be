import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import type { Closers } from "../../closers.ts";
import { type Database, openOwnDatabase } from "../../database.ts";
import type { ChildLife } from "./child-life.ts";
import { isAtEnd } from "./examine-positions.ts";
import type { Build, FaultScope } from "./fault.ts";
import { untilTrue } from "./living-projector.ts";
import type { Finding } from "./loaded-brokers.ts";
import { DELIVERIES, type MarketOnKafka, MarketTally, marketOnKafka } from "./market-on-kafka.ts";
import { examineTables, openServer, processorLife, projectorLife } from "./market-tables.ts";

/** One partition for each of three brokers to lead. */
const MARKET = { symbols: 24, minutes: 60, partitions: 3 };
/** The processor's work is to last as long as a roll does; it hurries when that is over. */
const RESTS_MS = 500;
/** So little that the projector has not read all before the first broker goes. */
const RECORDS_PER_READ = 50;
/** Each of three brokers may end it once. */
const LIVES_MAX = 4;

/** A market that is processed and projected while the brokers under it are restarted. */
export class RolledMarket {
  readonly #market: MarketOnKafka;
  readonly #database: Database;
  readonly #build: Build;
  #processor: ChildLife | null = null;
  #projector: ChildLife | null = null;

  private constructor(market: MarketOnKafka, database: Database, build: Build) {
    this.#market = market;
    this.#database = database;
    this.#build = build;
  }

  /** Writes the facts of a market of its own and starts a database; nobody works on them yet. */
  static async open(
    cluster: OwnKafka,
    { build, seed }: FaultScope,
    struck: number,
    closers: Closers,
  ): Promise<RolledMarket> {
    const delivery = DELIVERIES[struck % DELIVERIES.length] ?? "deduplicated";
    const options = { ...MARKET, delivery, seed: seed + struck };
    const market = await marketOnKafka(cluster.address.split(","), options);
    const rolled = new RolledMarket(market, await openServer(openOwnDatabase, closers), build);
    closers.add(async () => rolled.#kill());
    return rolled;
  }

  async start(): Promise<void> {
    this.#processor = processorLife(this.#market, { restsMs: RESTS_MS });
    this.#projector = projectorLife(this.#market, this.#database, this.#build, {
      ...{ stays: true, recordsPerRead: RECORDS_PER_READ },
      defect: "jumps-to-newest",
    });
    await Promise.all([this.#processor.next("READY"), this.#projector.next("READY")]);
  }

  /** A broker is about to end: whoever is broken takes it amiss. */
  brokerGoes(): void {
    if (this.#build === "broken") this.#projector?.signal("SIGUSR2");
  }

  /** Of processor and projector, so far. */
  get commits(): number {
    const lives = [this.#processor, this.#projector];
    return lives.reduce((sum, life) => sum + (life?.times("COMMITTED") ?? 0), 0);
  }

  /** Lets both finish, and holds topics and tables to what they have to be. */
  async finish(): Promise<Finding> {
    const startedOver = await this.#finishProcessing();
    const { violations: ofTables, records } = await this.#finishProjecting();
    const tally = new MarketTally();
    await tally.examine(this.#market);
    await this.#market.remove();
    const isLost = startedOver >= LIVES_MAX;
    return {
      counts: { "started over": startedOver, projected: records, derived: tally.records },
      exceeded: isLost ? [`the processor ended ${startedOver} times`] : [],
      violations: [...tally.violations, ...ofTables],
    };
  }

  /** How often the processor had to be started over. */
  async #finishProcessing(): Promise<number> {
    let life = this.#processor;
    for (let lives = 0; life !== null && lives < LIVES_MAX; lives += 1) {
      life.signal("SIGUSR2");
      if ((await life.ended()) === 0) return lives;
      life = processorLife(this.#market);
      this.#processor = life;
      await life.next("READY");
    }
    return LIVES_MAX;
  }

  async #finishProjecting() {
    const log = await this.#market.open();
    try {
      const { migrator } = this.#database.connections;
      const projector = this.#projector;
      if (projector !== null) {
        await untilTrue(projector, () => isAtEnd(log, migrator));
        projector.signal("SIGTERM");
        await projector.ended();
      }
      return await examineTables(this.#market, this.#database);
    } finally {
      await log.close();
    }
  }

  #kill(): void {
    for (const life of [this.#processor, this.#projector]) life?.signal("SIGKILL");
  }
}
