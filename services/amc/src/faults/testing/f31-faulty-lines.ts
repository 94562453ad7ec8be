import { setTimeout as wait } from "node:timers/promises";
import type { FaultyProxy } from "@amc/platform/cache/testing/faulty-proxy";
import { seededRandom } from "@amc/replay/seeded-random";
import { Closers } from "../../closers.ts";
import { openOwnDatabase } from "../../database.ts";
import { breakCommits, type StruckDatabase, waitsForEver } from "./broken-lines.ts";
import { ChildLife } from "./child-life.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import {
  type BrokerLine,
  LINE_FAULTS,
  openBrokerLine,
  openDatabaseLine,
  openRedisLine,
  openRegistryLine,
  type RedisLine,
  type RegistryLine,
} from "./faulty-lines.ts";
import { caughtEach } from "./judge.ts";
import { DELIVERIES, type MarketOnKafka, MarketTally, marketOnKafka } from "./market-on-kafka.ts";
import { emptyTables, examineTables, openServer, processorLife } from "./market-tables.ts";
import type { ProjectorTask } from "./projector-task.ts";

const MARKET = { symbols: 30, minutes: 60, partitions: 4 };
/** So little that the projector still works at its last fault. */
const RECORDS_PER_READ = 100;
/** Longest time between two faults. */
const QUIET_MS_MAX = 400;
/** No wait is longer than this (F31). */
const PATIENCE_MS = 60_000;
/** How often it is looked whether a service has reached the registry, which it asks as it starts. */
const LOOK_EVERY_MS = 5;

export const FAULTY_LINES: Fault = {
  id: "F31",
  title:
    "lines between processor, projector, broker, registry, PostgreSQL and Redis go half-open, break in mid-frame, are slow, late, silent; both deliveries",
  invariant:
    "whoever waits goes on or ends within 60 s; derived topics as in an undisturbed run; tables equal those of a rebuild",
  control:
    "a projector that saves positions in a transaction of their own, before the rows, and one whose connections to PostgreSQL have no deadline",
  strikes: { full: 200, reduced: 7, control: 2 },
  run,
};

/** What the strikes of one run share. */
interface Network extends StruckDatabase {
  readonly broker: BrokerLine;
  readonly registry: RegistryLine;
  readonly redis: RedisLine;
}

async function run(scope: FaultScope): Promise<FaultOutcome> {
  const closers = new Closers();
  try {
    const broker = await openBrokerLine();
    closers.add(() => broker.close());
    const registry = await openRegistryLine();
    closers.add(() => registry.line.close());
    const redis = await openRedisLine();
    closers.add(() => redis.close());
    const network = { broker, registry, redis, ...(await openStruckDatabase(closers)) };
    if (scope.build === "sound") return await new LineStrikes(scope, network).run();
    return await runBroken(scope, network, await openStruckDatabase(closers));
  } finally {
    await closers.close();
  }
}

async function openStruckDatabase(closers: Closers): Promise<StruckDatabase> {
  const database = await openServer(openOwnDatabase, closers);
  const databaseLine = await openDatabaseLine(database);
  closers.add(() => databaseLine.line.close());
  return { database, databaseLine };
}

/** Two builds, each with tables of its own. */
async function runBroken(
  { seed, strikes, onStrike }: FaultScope,
  network: Network,
  other: StruckDatabase,
): Promise<FaultOutcome> {
  const { broker, registry, database } = network;
  const random = seededRandom(seed);
  const options = { ...MARKET, seed, registry: registry.url, delivery: "transactional" as const };
  const market = await marketOnKafka(broker.brokers, options);
  await processorLife(market).finished();
  // One after the other: whoever projects a market fences those before.
  await breakCommits(market, network, random);
  const waited = await waitsForEver(market, other, PATIENCE_MS);
  onStrike(strikes);
  const { violations } = await examineTables(market, database);
  await market.remove();
  const found = {
    "positions first": violations,
    "no deadline": waited ? [`the projector has waited for ${PATIENCE_MS} ms`] : [],
  };
  return { strikes, counts: {}, ...caughtEach(found) };
}

class LineStrikes {
  readonly #scope: FaultScope;
  readonly #network: Network;
  readonly #random: () => number;
  readonly #tally = new MarketTally();
  readonly #counts: Record<string, number> = {};
  readonly #violations: string[] = [];
  readonly #exceeded: string[] = [];
  #struck = 0;
  #startedOver = 0;

  constructor(scope: FaultScope, network: Network) {
    this.#scope = scope;
    this.#network = network;
    this.#random = seededRandom(scope.seed);
    for (const { name } of LINE_FAULTS) this.#counts[name] = 0;
  }

  async run(): Promise<FaultOutcome> {
    const { strikes, seed } = this.#scope;
    const { broker, registry, database } = this.#network;
    for (let markets = 1; this.#struck < strikes; markets += 1) {
      const delivery = DELIVERIES[markets % DELIVERIES.length] ?? "deduplicated";
      const options = { ...MARKET, delivery, seed: seed + markets, registry: registry.url };
      const market = await marketOnKafka(broker.brokers, options);
      try {
        await emptyTables(database);
        await this.#strikeMarket(market);
        await this.#tally.examine(market);
        this.#violations.push(...(await examineTables(market, database)).violations);
      } finally {
        await market.remove();
      }
    }
    const { records, copies, violations } = this.#tally;
    const counts = { ...this.#counts, "started over": this.#startedOver, records, copies };
    return {
      ...{ strikes: this.#struck, counts, exceeded: this.#exceeded },
      violations: [...this.#violations, ...violations],
    };
  }

  /** Three faults of the processor's lines and four of the projector's: with five kinds, each meets each. */
  async #strikeMarket({ place }: MarketOnKafka): Promise<void> {
    const { broker, registry, databaseLine, redis } = this.#network;
    const behindLine = { ...place, brokers: broker.struckBrokers, registry: registry.lineUrl };
    const processor = () =>
      new ChildLife("struck-processor.ts", { place: behindLine, build: "sound" });
    await this.#work("processor", processor, [broker.line, broker.line]);
    const task: ProjectorTask = {
      build: "sound",
      ...{ place: behindLine, recordsPerRead: RECORDS_PER_READ },
      ...{ database: databaseLine.projector, redis: redis.address },
    };
    const projector = () => new ChildLife("struck-projector.ts", task);
    await this.#work("projector", projector, [databaseLine.line, redis.line, broker.line]);
  }

  /**
   * Lets a service do all of its work, started over when it ends before: with a fault of the registry's
   * line while it starts, and of these lines while it works.
   */
  async #work(name: string, start: () => ChildLife, lines: readonly FaultyProxy[]): Promise<void> {
    let struck = 0;
    // Each fault may end it once: its last life is left alone.
    for (let lives = 0; lives <= lines.length + 1; lives += 1) {
      const life = start();
      if (lives === 0 && this.#isLeft) await this.#strikeOpening(life);
      if (life.times("READY") === 0) await this.#goesOn(name, life, "READY");
      while (struck < lines.length && this.#isLeft) {
        await life.within(this.#random() * QUIET_MS_MAX);
        if (life.isOver) break;
        await this.#strike(lines[struck]);
        struck += 1;
      }
      while (!life.isOver) await this.#goesOn(name, life, "COMMITTED");
      if ((await life.ended()) === 0) return;
      this.#startedOver += 1;
    }
    this.#exceeded.push(`${name} ended ${lines.length + 2} times after ${struck + 1} faults`);
  }

  get #isLeft(): boolean {
    return this.#struck < this.#scope.strikes;
  }

  /** Strikes the line to the registry as soon as a service speaks on it. */
  async #strikeOpening(life: ChildLife): Promise<void> {
    const { line } = this.#network.registry;
    const { accepted } = line;
    while (line.accepted === accepted && !life.isOver) await wait(LOOK_EVERY_MS);
    await this.#strike(line);
  }

  async #strike(line: FaultyProxy | undefined): Promise<void> {
    const fault = LINE_FAULTS[this.#struck % LINE_FAULTS.length];
    if (line === undefined || fault === undefined) throw new RangeError("nothing to strike");
    await fault.strike(line, this.#random);
    this.#counts[fault.name] = (this.#counts[fault.name] ?? 0) + 1;
    this.#struck += 1;
    this.#scope.onStrike(this.#struck);
  }

  /** Whoever neither says that it goes on nor ends for longer than anybody may wait is ended. */
  async #goesOn(name: string, life: ChildLife, word: string): Promise<void> {
    if (await life.goesOn(word, PATIENCE_MS)) return;
    this.#exceeded.push(`${name} has waited for ${PATIENCE_MS} ms after the last fault`);
  }
}
