/**
 * A process that writes numbered transactions and kills a broker right after it has written the end of
 * one (EndTxn) to it, and itself where it is told to: input as `TransactionStrike`. Says STRUCK then,
 * and ACK for every transaction that is acknowledged; ends by itself some transactions later.
 */
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Lease, Log } from "@amc/platform/log/port";
import { retryTransient } from "@amc/platform/runtime/retry-transient";
import {
  GROUP,
  nextTransaction,
  openTransactions,
  transactionPosition,
  transactionRecords,
} from "./copied-transactions.ts";
import type { TransactionStrike } from "./f08-coordinator-killed.ts";

/** Told by the client of Kafka when a request has been written to its socket. */
const WRITTEN = "tracing:plt:kafka:connections:api:end";
/** Number of the request in Kafka's protocol. */
const END_TXN = 26;
const STDOUT = 1;

const strike: TransactionStrike = JSON.parse(process.argv[2] ?? "");
// Straight to the pipe: what was said before a kill has been said.
const say = (word: string): void => void writeSync(STDOUT, `${word}\n`);
const done = new AbortController();
let [isArmed, isStruck, left] = [false, strike.before === null, strike.after];
let coordinatorPort: number | null = null;

subscribe(WRITTEN, (message) => {
  const port = endTransactionPort(message);
  if (port === null) return;
  coordinatorPort = port;
  if (!isArmed) return;
  isArmed = false;
  void strikeAt(port, strike.delayMs);
});

const log = await openTransactions(strike.place);
await retryTransient(
  done.signal,
  () => writeTransactions(log),
  () => say("AGAIN"),
);
await log.close();

/** The port of the coordinator to which the end of a transaction was written; null for all else. */
function endTransactionPort(message: unknown): number | null {
  if (typeof message !== "object" || message === null) return null;
  if (!("apiKey" in message) || message.apiKey !== END_TXN) return null;
  if (!("connection" in message) || typeof message.connection !== "object") return null;
  const { connection } = message;
  if (connection === null || !("port" in connection)) return null;
  return typeof connection.port === "number" ? connection.port : null;
}

async function strikeAt(port: number, delayMs: number): Promise<void> {
  if (delayMs > 0) await wait(delayMs);
  const pid = strike.pids[port];
  if (pid === undefined) throw new RangeError(`no broker listens at ${port}`);
  process.kill(pid, "SIGKILL");
  isStruck = true;
  say("STRUCK");
  if (strike.diesToo) process.kill(process.pid, "SIGKILL");
}

/** One after the other from where the log says, until enough have followed the strike. */
async function writeTransactions(to: Log): Promise<void> {
  const lease = await to.acquire(GROUP, 0);
  const first = await nextTransaction(to);
  for (let number = first; left > 0; number += 1) {
    const isStruckNow = !isStruck && number === first + (strike.before ?? 0);
    if (strike.build === "sound") {
      isArmed = isStruckNow;
      const positions = [transactionPosition(number)];
      await to.commit({ lease, appends: transactionRecords(number), positions });
    } else {
      await writeApart(to, lease, number, isStruckNow);
    }
    say("ACK");
    if (isStruck) left -= 1;
  }
}

/**
 * The broken build: records in one transaction, their position in the next. It is struck between them:
 * whether a broker has read the end of the second one when it is killed would be left to chance.
 */
async function writeApart(
  to: Log,
  lease: Lease,
  number: number,
  isStruckNow: boolean,
): Promise<void> {
  // Unmarked as well: nobody could find them again.
  const appends = transactionRecords(number).map((append) => ({ ...append, headers: {} }));
  await to.commit({ appends });
  if (isStruckNow && coordinatorPort !== null) await strikeAt(coordinatorPort, 0);
  await to.commit({ lease, appends: [], positions: [transactionPosition(number)] });
}
