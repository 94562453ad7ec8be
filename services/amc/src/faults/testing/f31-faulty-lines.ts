import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { FaultyProxy } from "@amc/platform/cache/testing/faulty-proxy";
import { seededRandom } from "@amc/replay/seeded-random";
import { Closers } from "../../closers.ts";
import { type Database, openOwnDatabase } from "../../database.ts";
import { ChildLife } from "./child-life.ts";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import {
  type BrokerLine,
  type DatabaseLine,
  LINE_FAULTS,
  openBrokerLine,
  openDatabaseLine,
} from "./faulty-lines.ts";
import { DELIVERIES, type MarketOnKafka, MarketTally, marketOnKafka } from "./market-on-kafka.ts";
import { emptyTables, examineTables } from "./market-tables.ts";

const MARKET = { symbols: 30, minutes: 60, partitions: 4 };
/** Faults of one service's work on one market: what is left of it is done without any. */
const STRIKES_PER_WORK = 3;
/** Longest time between two faults. */
const QUIET_MS_MAX = 400;
/** No wait is longer than this (F31). */
const PATIENCE_MS = 60_000;
/** Spread of the exposure at which the broken build's line breaks. */
const EXPOSURES_MAX = 3;

export const FAULTY_LINES: Fault = {
  id: "F31",
  title:
    "lines between processor, projector, broker and PostgreSQL go half-open, break in mid-frame, are slow, late, silent; both deliveries",
  invariant:
    "whoever waits goes on or ends within 60 s; derived topics as in an undisturbed run; tables equal those of a rebuild",
  control: "positions are saved in a transaction of their own, before the rows",
  strikes: { full: 200, reduced: 12, control: 1 },
  run,
};

/** What the strikes of one run share. */
interface Network {
  readonly broker: BrokerLine;
  readonly database: Database;
  readonly databaseLine: DatabaseLine;
}

async function run(scope: FaultScope): Promise<FaultOutcome> {
  const closers = new Closers();
  const directory = await mkdtemp(join(tmpdir(), "amc-faults-"));
  closers.add(() => rm(directory, { recursive: true, force: true }));
  try {
    const broker = await openBrokerLine();
    closers.add(() => broker.close());
    const database = await openOwnDatabase(directory);
    closers.add(() => database.close());
    const databaseLine = await openDatabaseLine(database);
    closers.add(() => databaseLine.line.close());
    return await new LineStrikes(scope, { broker, database, databaseLine }).run();
  } finally {
    await closers.close();
  }
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
    const { broker, database } = this.#network;
    for (let markets = 1; this.#struck < strikes; markets += 1) {
      const delivery = DELIVERIES[markets % DELIVERIES.length] ?? "deduplicated";
      const options = { ...MARKET, delivery, seed: seed + markets };
      const market = await marketOnKafka(broker.brokers, options);
      try {
        await emptyTables(database);
        if (this.#scope.build === "sound") await this.#strikeMarket(market);
        else await this.#breakCommits(market);
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

  async #strikeMarket(market: MarketOnKafka): Promise<void> {
    const { broker, databaseLine } = this.#network;
    await this.#work("processor", () => processorOf(market), [broker.line]);
    const projector = () => this.#projectorOf(market, "sound");
    await this.#work("projector", projector, [databaseLine.line, broker.line]);
  }

  /** Lets a service do all of its work, started over when it ends before, with faults on its lines. */
  async #work(name: string, start: () => ChildLife, lines: readonly FaultyProxy[]): Promise<void> {
    let struck = 0;
    // Each fault may end it once: its last life is left alone.
    for (let lives = 0; lives <= struck; lives += 1) {
      const life = start();
      await life.next("READY");
      while (struck < STRIKES_PER_WORK && this.#struck < this.#scope.strikes) {
        await life.within(this.#random() * QUIET_MS_MAX);
        if (life.isOver) break;
        await this.#strike(lines[struck % lines.length]);
        struck += 1;
      }
      await this.#untilEnded(name, life);
      if ((await life.ended()) === 0) return;
      this.#startedOver += 1;
    }
    this.#exceeded.push(`${name} ended ${struck + 1} times after ${struck} faults`);
  }

  async #strike(line: FaultyProxy | undefined): Promise<void> {
    const fault = LINE_FAULTS[this.#struck % LINE_FAULTS.length];
    if (line === undefined || fault === undefined) throw new RangeError("nothing to strike");
    await fault.strike(line, this.#random);
    this.#counts[fault.name] = (this.#counts[fault.name] ?? 0) + 1;
    this.#struck += 1;
    this.#scope.onStrike(this.#struck);
  }

  /** Whoever neither commits nor ends for longer than anybody may wait is ended: a violation. */
  async #untilEnded(name: string, life: ChildLife): Promise<void> {
    while (!life.isOver) {
      const before = life.times("COMMITTED");
      await Promise.race([life.next("COMMITTED"), wait(PATIENCE_MS, null, { ref: false })]);
      if (life.isOver || life.times("COMMITTED") > before) continue;
      this.#exceeded.push(`${name} has waited for ${PATIENCE_MS} ms after the last fault`);
      life.signal("SIGKILL");
      await life.ended();
    }
  }

  /** The broken build: its connection breaks where the positions are committed and the rows are not. */
  async #breakCommits(market: MarketOnKafka): Promise<void> {
    await processorOf(market).finished();
    const life = this.#projectorOf(market, "broken");
    const exposures = 1 + Math.floor(this.#random() * EXPOSURES_MAX);
    for (let seen = 0; seen < exposures; seen += 1) await life.next("EXPOSED");
    this.#network.databaseLine.line.cut();
    this.#struck += 1;
    this.#scope.onStrike(this.#struck);
    await life.ended();
  }

  #projectorOf({ place }: MarketOnKafka, build: Build): ChildLife {
    const { projector } = this.#network.databaseLine;
    return new ChildLife("struck-projector.ts", { place, database: projector, build });
  }
}

function processorOf({ place }: MarketOnKafka): ChildLife {
  return new ChildLife("struck-processor.ts", { place, build: "sound" });
}
