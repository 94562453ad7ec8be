import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { provideTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import { ENDED_WITHIN_MS } from "@amc/platform/log/kafka/transaction-client";
import { seededRandom } from "@amc/replay/seeded-random";
import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import { ChildLife } from "./child-life.ts";
import {
  GROUP,
  LAYOUT,
  nextTransaction,
  openTransactions,
  type TransactionPlace,
  tornTransactions,
} from "./copied-transactions.ts";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { withOwnCluster } from "./servers.ts";

/** Coordinators are brokers, and one of three may be away. */
const BROKERS = 3;
/** From before the coordinator has read the request to after it has answered it. */
const DELAY_MS_MAX = 20;
/** Longest time for which the coordinator is away. */
const AWAY_MS_MAX = 3_000;
/** Transactions of a life before the one that is struck, at most, and after it. */
const BEFORE_MAX = 6;
const AFTER = 5;
/**
 * What nobody ends any more the brokers do: after the 30 s of our transactions, at their next look, ten
 * seconds later at most, with five to spare; looks of a coordinator that is away come when it is back.
 */
const STUCK_MS_MAX = ENDED_WITHIN_MS + AWAY_MS_MAX;

/** What a writing process is told. */
export interface TransactionStrike {
  readonly place: TransactionPlace;
  readonly build: Build;
  /** Of the brokers, by port. */
  readonly pids: Readonly<Record<number, number>>;
  /** From the end of a transaction being written to the kill; the broken build does not wait. */
  readonly delayMs: number;
  readonly diesToo: boolean;
  /** Transactions of this life before the struck one; null strikes none. */
  readonly before: number | null;
  /** Transactions that are acknowledged after the strike. */
  readonly after: number;
}

export const COORDINATOR_KILLED: Fault = {
  id: "F8",
  title:
    "kill -9 of the coordinator within 20 ms of the end of a transaction being written to it, every second time of the writer, too",
  invariant:
    "of each transaction all records are read, once, or none; none that was acknowledged is missing; " +
    `the next one is read within ${STUCK_MS_MAX / 1_000} s`,
  control: "records and their position in two transactions",
  strikes: { full: 50, reduced: 4, control: 1 },
  run,
};

function run(scope: FaultScope): Promise<FaultOutcome> {
  return withOwnCluster(BROKERS, (cluster) => strikeAll(cluster, scope));
}

async function strikeAll(
  cluster: OwnKafka,
  { build, seed, strikes, onStrike }: FaultScope,
): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const place = await placeOn(cluster);
  const violations: string[] = [];
  let [acknowledged, slowestMs] = [0, 0];
  for (let struck = 0; struck < strikes; struck += 1) {
    const found = await strike(cluster, random, {
      ...{ place, build, after: AFTER },
      delayMs: Math.floor(random() * DELAY_MS_MAX),
      diesToo: build === "broken" || struck % 2 === 1,
      before: 1 + Math.floor(random() * BEFORE_MAX),
    });
    acknowledged += found.acknowledged;
    slowestMs = Math.max(slowestMs, found.stuckMs);
    onStrike(struck + 1);
  }
  const isStuck = slowestMs > STUCK_MS_MAX;
  const exceeded = isStuck ? [`nothing was read for ${slowestMs} ms`] : [];
  const log = await openTransactions(place);
  // Taking over ends what a dead writer left open, or readers would wait for it.
  await log.acquire(GROUP, 0);
  const next = await nextTransaction(log);
  if (next < acknowledged) violations.push(`${acknowledged} acknowledged, position ${next}`);
  violations.push(...(await tornTransactions(log)));
  await log.close();
  const counts = { transactions: next, acknowledged, "next one read after ms": slowestMs };
  return { strikes, counts, violations, exceeded };
}

async function placeOn({ address }: OwnKafka): Promise<TransactionPlace> {
  const brokers = address.split(",");
  const prefix = `faults-${randomUUID().slice(0, 8)}.`;
  const groups = [{ group: GROUP, partitions: 1 }];
  await provideTopics({ brokers, clientId: "amc-faults" }, { prefix, layout: LAYOUT, groups });
  return { brokers, prefix };
}

/**
 * One strike and what follows it. A transaction is acknowledged when readers see it, in every partition
 * that the struck one is in: the first one after the strike shows that nothing is stuck.
 */
async function strike(
  cluster: OwnKafka,
  random: () => number,
  told: Omit<TransactionStrike, "pids">,
): Promise<{ readonly acknowledged: number; readonly stuckMs: number }> {
  const pids = Object.fromEntries(
    cluster.address.split(",").map((address, index) => {
      return [Number(address.split(":")[1]), cluster.pids[index] ?? 0];
    }),
  );
  const struck = new ChildLife("transaction-writer.ts", { ...told, pids });
  await struck.next("STRUCK");
  if (struck.times("STRUCK") === 0)
    throw new Error(`the writer ended with ${await struck.ended()}`);
  const struckAtMs = performance.now();
  const back = wait(random() * AWAY_MS_MAX).then(() => cluster.restart());
  let acknowledged = 0;
  let heir = struck;
  if (told.diesToo) {
    await struck.ended();
    acknowledged += struck.times("ACK");
    heir = new ChildLife("transaction-writer.ts", { ...told, pids, before: null });
  }
  const before = heir.times("ACK");
  await heir.next("ACK");
  if (heir.times("ACK") === before) throw new Error("nothing was written after the strike");
  const stuckMs = Math.round(performance.now() - struckAtMs);
  const code = await heir.ended();
  if (code !== 0) throw new Error(`the writer ended with ${code}`);
  await back;
  return { acknowledged: acknowledged + heir.times("ACK"), stuckMs };
}
