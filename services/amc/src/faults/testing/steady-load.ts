import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { openKafkaLog } from "@amc/platform/log/kafka";
import type { KafkaConnection } from "@amc/platform/log/kafka/client-options";
import { provideTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import { nextOffset } from "@amc/platform/log/next-offset";
import type { Log } from "@amc/platform/log/port";
import { type BareProducer, bareKafkajs } from "@amc/platform/log/testing/bare-kafkajs";
import { recordsOf } from "@amc/replay/log-digests";
import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import type { Build } from "./fault.ts";
import type { Delivery } from "./market-on-kafka.ts";

const TOPIC = "market.price-tick.v1";
/** One for each of three brokers to lead. */
const LAYOUT = [{ topic: TOPIC, partitions: 3 }];
const LIMITS = { maxRecords: 1_000, maxBytes: 1 << 20 };
const REQUEST_TIMEOUT_MS = 2_000;
const TICK_MS = 20;
/** 250 records a second: two loads side by side are the matrix' 500. */
const RECORDS_PER_TICK = 5;
/** Ticks whose records are under way; while so many are, the load waits. */
const TICKS_MAX = 100;
/** Brokers that are back are used again within a minute (F6), and some for a slow machine. */
const READ_PATIENCE_MS = 120_000;

/** A record that a reader has seen. */
interface Seen {
  readonly atMs: number;
  /** From the call that sent it. */
  readonly latencyMs: number;
}

export interface LoadOutcome {
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Seen by the reader that ran all the time, and how often one of them again. */
  readonly read: number;
  readonly readAgain: number;
}

interface LoadParts {
  readonly name: string;
  readonly topic: string;
  readonly log: Log;
  readonly reader: Log;
  /** Sends in place of the log, in the broken build. */
  readonly bare: BareProducer | null;
}

/** Writes a steady number of records a second to a cluster and reads them at the same time. */
export class SteadyLoad {
  readonly name: string;
  /** As the brokers know it. */
  readonly topic: string;
  /** In the order in which they were read. */
  readonly seen: Seen[] = [];
  /** Times of acknowledgement, by id. */
  readonly acknowledgedAtMs = new Map<string, number>();
  readonly #log: Log;
  readonly #reader: Log;
  readonly #bare: BareProducer | null;
  readonly #stop = new AbortController();
  readonly #reading = new AbortController();
  readonly #seenIds: string[] = [];
  readonly #work: Promise<void>[] = [];
  #underWay = 0;
  #next = 0;

  private constructor({ name, topic, log, reader, bare }: LoadParts) {
    this.name = name;
    this.topic = topic;
    this.#log = log;
    this.#reader = reader;
    this.#bare = bare;
    this.#work.push(this.#write());
    for (let partition = 0; partition < log.partitions(TOPIC); partition += 1) {
      this.#work.push(this.#read(partition));
    }
  }

  /** Starts the load under a prefix of its own; the broken build takes what it sent for written. */
  static async start(cluster: OwnKafka, delivery: Delivery, build: Build): Promise<SteadyLoad> {
    const connection = connectionTo(cluster);
    const prefix = `faults-${randomUUID().slice(0, 8)}.`;
    await provideTopics(connection, { prefix, layout: LAYOUT, groups: [] });
    await cluster.untilCopied(prefix + TOPIC);
    const open = () => openKafkaLog({ connection, prefix, layout: LAYOUT, delivery });
    const bare =
      build === "sound"
        ? null
        : await bareKafkajs(connection.brokers, prefix + TOPIC, REQUEST_TIMEOUT_MS, "none");
    return new SteadyLoad({
      name: build === "sound" ? delivery : "kafkajs",
      topic: prefix + TOPIC,
      ...{ log: await open(), reader: await open(), bare },
    });
  }

  /** Resolves when so many more records are acknowledged; false when they are not in time. */
  async acknowledges(more: number, withinMs: number): Promise<boolean> {
    const goal = this.acknowledgedAtMs.size + more;
    const startedMs = performance.now();
    while (this.acknowledgedAtMs.size < goal) {
      if (performance.now() - startedMs > withinMs) return false;
      await wait(TICK_MS);
    }
    return true;
  }

  /** Ends the load, lets the reader catch up and holds the log against what was acknowledged. */
  async finish(): Promise<LoadOutcome> {
    this.#stop.abort();
    try {
      await this.#work[0];
      const found: string[] = [];
      for await (const { value } of recordsOf(this.#log, TOPIC)) found.push(idOf(value));
      const distinct = new Set(found);
      const startedMs = performance.now();
      while (this.#seenIds.length < found.length) {
        if (performance.now() - startedMs > READ_PATIENCE_MS) break;
        await wait(TICK_MS);
      }
      const acknowledged = [...this.acknowledgedAtMs.keys()];
      return {
        acknowledged: acknowledged.length,
        lost: acknowledged.filter((id) => !distinct.has(id)).length,
        duplicated: found.length - distinct.size,
        read: this.#seenIds.length,
        readAgain: this.#seenIds.length - new Set(this.#seenIds).size,
      };
    } finally {
      this.#reading.abort();
      await Promise.allSettled(this.#work);
      await this.#bare?.close();
      await this.#reader.close();
      await this.#log.close();
    }
  }

  async #write(): Promise<void> {
    const sends = new Set<Promise<void>>();
    while (!this.#stop.signal.aborted) {
      if (this.#underWay < TICKS_MAX) {
        const send = this.#sendTick();
        sends.add(send);
        void send.finally(() => sends.delete(send));
      }
      await wait(TICK_MS);
    }
    await Promise.all(sends);
  }

  async #sendTick(): Promise<void> {
    const sentAtMs = performance.now();
    const ids = Array.from({ length: RECORDS_PER_TICK }, () => `${this.#next++} ${sentAtMs}`);
    this.#underWay += 1;
    try {
      await this.#send(ids);
      const nowMs = performance.now();
      for (const id of ids) this.acknowledgedAtMs.set(id, nowMs);
    } catch {
      // Not acknowledged: they may be in the log or not, once.
    } finally {
      this.#underWay -= 1;
    }
  }

  async #send(ids: readonly string[]): Promise<void> {
    const bare = this.#bare;
    if (bare !== null) {
      await Promise.all(ids.map((id) => bare.send(id)));
      return;
    }
    const appends = ids.map((id) => ({
      ...{ topic: TOPIC, key: id, value: Buffer.from(id), headers: {} },
    }));
    await this.#log.commit({ appends });
  }

  /** Reads what comes, and goes on after every failure where it was. */
  async #read(partition: number): Promise<void> {
    const { signal } = this.#reading;
    let next = 0;
    while (!signal.aborted) {
      try {
        const records = await this.#reader.read(TOPIC, partition, next, LIMITS);
        const atMs = performance.now();
        for (const { value } of records) {
          const id = idOf(value);
          this.#seenIds.push(id);
          this.seen.push({ atMs, latencyMs: atMs - Number(id.split(" ")[1]) });
        }
        next = nextOffset(records, next);
        if (records.length === 0) await this.#reader.waitFor(TOPIC, partition, next, signal);
      } catch {
        // Brokers are away: that is the fault, and what was read before counts.
        await wait(TICK_MS);
      }
    }
  }
}

function connectionTo({ address }: OwnKafka): KafkaConnection {
  return {
    ...{ brokers: address.split(","), clientId: "amc-faults" },
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  };
}

function idOf(value: Uint8Array | null): string {
  return Buffer.from(value ?? []).toString("utf8");
}
