import { setTimeout as wait } from "node:timers/promises";
import { unitName, unitsOf } from "@amc/platform/assignment/unit";
import { replayTopology } from "@amc/replay/replay-topologies";
import { seededRandom } from "@amc/replay/seeded-random";
import { writeSlices } from "@amc/replay/slice-writer";
import type { FactSlice } from "@amc/replay/slices";
import { progressOf } from "../../testing/stage-progress.ts";
import { ChildLife } from "./child-life.ts";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { DELIVERIES, type MarketOnKafka, MarketTally, marketOnKafka } from "./market-on-kafka.ts";
import { MemberDesk } from "./member-desk.ts";
import { clusterOfFaults } from "./servers.ts";

const MARKET = { symbols: 40, minutes: 60, partitions: 6 };
const UNITS = replayTopology().flatMap(({ name }) => unitsOf(name, MARKET.partitions));
const MEMBERS = { fewest: 2, first: 4, most: 5 };
/** Changes of one group: its four members one after the other, then any. */
const STRIKES_PER_MARKET = 10;
/** Longest time between two changes. */
const BETWEEN_MS_MAX = 3_000;
/** Between two slices. */
const FEED_MS = 150;
/** A member that was killed is missed after a session of 10 s, and its units are restored after it. */
const GAP_MS_MAX = 20_000;
/** After the last change and the last slice. */
const IDLE_MS_MAX = 60_000;
const LOOK_EVERY_MS = 200;

type Change = "restarted" | "added" | "removed" | "killed";

export const REBALANCES: Fault = {
  id: "F10",
  title: "processors of one group restarted in turn, added, removed and killed while facts come",
  invariant: `derived topics as in an undisturbed run, in both deliveries; no unit without a worker for ${GAP_MS_MAX / 1_000} s; all input taken ${IDLE_MS_MAX / 1_000} s after the last change`,
  control: "members that do not say what they hold, and write outputs without a lease",
  strikes: { full: 100, reduced: 8, control: 4 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const brokers = await clusterOfFaults();
  const tally = new MarketTally();
  const exceeded: string[] = [];
  const changes: Record<Change, number> = { restarted: 0, added: 0, removed: 0, killed: 0 };
  let [struck, markets, longestGapMs] = [0, 0, 0];
  while (struck < strikes) {
    const delivery = DELIVERIES[markets % DELIVERIES.length] ?? "deduplicated";
    markets += 1;
    let coming: readonly FactSlice[] = [];
    const options = { ...MARKET, delivery, seed: seed + markets };
    const market = await marketOnKafka(brokers, options, (facts) => {
      coming = facts;
      return { written: [], golden: facts };
    });
    const group = new StruckGroup(market, build);
    try {
      group.fill();
      const feeding = feed(market, coming);
      for (const most = Math.min(strikes, struck + STRIKES_PER_MARKET); struck < most; ) {
        await wait(random() * BETWEEN_MS_MAX);
        changes[await group.change(random)] += 1;
        struck += 1;
        onStrike(struck);
      }
      await feeding;
      const untaken = await untilTaken(market);
      longestGapMs = Math.max(longestGapMs, group.desk.longestMs());
      await group.leave();
      exceeded.push(...group.failures);
      // Topics that are not complete yet say nothing about their records.
      if (untaken > 0) exceeded.push(`${delivery}: ${untaken} records are left untaken`);
      else await tally.examine(market);
    } finally {
      group.kill();
      await market.remove();
    }
  }
  if (longestGapMs > GAP_MS_MAX) {
    exceeded.push(`a unit was without a worker for ${longestGapMs} ms`);
  }
  const { records, copies, violations } = tally;
  const counts = { ...changes, "longest gap, ms": longestGapMs, records, copies };
  return { strikes: struck, counts, violations, exceeded };
}

async function feed({ open }: MarketOnKafka, slices: readonly FactSlice[]): Promise<void> {
  const log = await open();
  try {
    for (const slice of slices) {
      await writeSlices(log, [slice]);
      await wait(FEED_MS);
    }
  } finally {
    await log.close();
  }
}

/** Waits until members have taken everything; what they have not taken in time. */
async function untilTaken({ open, place }: MarketOnKafka): Promise<number> {
  const log = await open();
  const untilMs = performance.now() + IDLE_MS_MAX;
  try {
    for (;;) {
      const { untaken } = await progressOf(log, replayTopology(), place.partitions);
      if (untaken === 0 || performance.now() > untilMs) return untaken;
      await wait(LOOK_EVERY_MS);
    }
  } finally {
    await log.close();
  }
}

/** Processors that share the work of a market, the oldest first. */
class StruckGroup {
  readonly desk = new MemberDesk(UNITS.map(unitName));
  /** Members that ended otherwise than they were asked to. */
  readonly failures: string[] = [];
  readonly #market: MarketOnKafka;
  readonly #build: Build;
  #members: ChildLife[] = [];
  #changes = 0;

  constructor(market: MarketOnKafka, build: Build) {
    this.#market = market;
    this.#build = build;
  }

  fill(): void {
    while (this.#members.length < MEMBERS.first) this.#add();
  }

  /** Each of the first members is restarted once, as in a roll; after that anything happens. */
  async change(random: () => number): Promise<Change> {
    this.#changes += 1;
    const dice = this.#changes <= MEMBERS.first ? 0 : random();
    const count = this.#members.length;
    if (dice < 1 / 4) {
      await this.#remove("SIGTERM", 0);
      this.#add();
      return "restarted";
    }
    if (dice < 2 / 4 && count < MEMBERS.most) {
      this.#add();
      return "added";
    }
    const victim = Math.floor(random() * count);
    if (dice < 3 / 4 && count > MEMBERS.fewest) {
      await this.#remove("SIGTERM", victim);
      return "removed";
    }
    await this.#remove("SIGKILL", victim);
    this.#add();
    return "killed";
  }

  async leave(): Promise<void> {
    while (this.#members.length > 0) await this.#remove("SIGTERM", 0);
  }

  kill(): void {
    for (const member of this.#members) member.signal("SIGKILL");
  }

  #add(): void {
    const name = {};
    const { place } = this.#market;
    const member = new ChildLife("struck-member.ts", { place, build: this.#build }, (word) =>
      this.desk.hear(name, word),
    );
    void member.ended().then(() => this.desk.gone(name));
    this.#members.push(member);
  }

  async #remove(signal: "SIGTERM" | "SIGKILL", index: number): Promise<void> {
    const [member] = this.#members.splice(index, 1);
    if (member === undefined) return;
    // Before it says so it knows no signal.
    if (member.times("READY") === 0) await member.next("READY");
    member.signal(signal);
    const end = await member.ended();
    if (signal === "SIGTERM" && end !== 0) this.failures.push(`a member ended with ${end}`);
  }
}
