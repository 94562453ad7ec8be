import { setTimeout } from "node:timers/promises";
import type { Append, Log } from "@amc/platform/log/port";
import { derivedId } from "@amc/streams/kernel/ids";
import { momentumBars, tickAppend } from "../momentum-bars.ts";
import { SCAN_PARTITIONS, SIGNALS } from "../momentum-job.ts";
import { MOMENTUM_ECHO } from "../momentum-stage.ts";
import { percentile } from "../statistics.ts";
import { expectResult, type Measured, type Scale, type Workload } from "../workload.ts";
import { type Delivery, onOwnTopics } from "./brokers.ts";
import { Part } from "./parts.ts";
import { SCAN_LAYOUT } from "./scan.ts";

const BARS = "market.price-tick.v1";
const PER_SECOND = 100;
const SIZES: Readonly<Record<Scale, { uncounted: number; counted: number }>> = {
  small: { uncounted: 100, counted: 200 },
  // As the peers were measured: 500 to warm up, then 2,000.
  full: { uncounted: 500, counted: 2_000 },
};
const GIVE_UP_MS = 20_000;
const READ = { maxRecords: 1_000, maxBytes: 1_048_576 };

function latency(delivery: Delivery, aim: { p50: number; p99: number }): Workload {
  return {
    name: `kafka-scan-latency-${delivery}`,
    summary: `message in to signal out of the scan in a process of its own, 100/s, ${delivery}`,
    simulated: true,
    metrics: {
      signalP50: { unit: "ms", atMost: aim.p50 },
      signalP99: { unit: "ms", atMost: aim.p99 },
      readBackP50: { unit: "ms" },
      readBackP99: { unit: "ms" },
    },
    run: (scale) => measureLatency(delivery, scale),
  };
}

export const KAFKA_SCAN_LATENCIES: readonly Workload[] = [
  latency("deduplicated", { p50: 2, p99: 14 }),
  latency("transactional", { p50: 15, p99: 45 }),
];

/** From the call that hands a bar over to the record of its signal in the reader's hands. */
async function measureLatency(delivery: Delivery, scale: Scale): Promise<Measured> {
  const { uncounted, counted } = SIZES[scale];
  return onOwnTopics(SCAN_LAYOUT, [MOMENTUM_ECHO], async ({ prefix, layout, open }) => {
    const client = await open("deduplicated");
    const bars = [...momentumBars(2 * (uncounted + counted))].map(tickAppend);
    const readBack = await timeWays(client, {
      ...{ appends: bars.slice(uncounted + counted), topic: BARS, uncounted },
      outputOf: (id) => id,
    });
    const part = await Part.start({
      ...{ role: "stages", topology: "echo", delivery, prefix, layout },
    });
    await part.ask("go");
    const signals = await timeWays(client, {
      ...{ appends: bars.slice(0, uncounted + counted), topic: SIGNALS, uncounted },
      outputOf: (id) => derivedId("momentum-scan", 1, [id]),
    });
    await part.end();
    return {
      values: {
        signalP50: percentile(signals, 0.5),
        signalP99: percentile(signals, 0.99),
        readBackP50: percentile(readBack, 0.5),
        readBackP99: percentile(readBack, 0.99),
      },
      facts: { messages: signals.length, perSecond: PER_SECOND, partitions: SCAN_PARTITIONS },
    };
  });
}

interface Ways {
  readonly appends: readonly Append[];
  /** Where what comes of them is read. */
  readonly topic: string;
  readonly uncounted: number;
  /** Id of what comes of the record with an id. */
  readonly outputOf: (id: string) => string;
}

/** Ascending ms of all counted messages; throws when one did not come. */
async function timeWays(log: Log, { appends, topic, uncounted, outputOf }: Ways) {
  const sentMs = new Map<string, number>();
  const ms: number[] = [];
  let came = 0;
  const stopping = new AbortController();
  const take = (id: string | undefined): void => {
    const sent = sentMs.get(id ?? "");
    if (sent === undefined) return;
    sentMs.delete(id ?? "");
    came += 1;
    if (came > uncounted) ms.push(performance.now() - sent);
  };
  const readers = Array.from({ length: SCAN_PARTITIONS }, (_, partition) =>
    follow(log, { topic, partition }, take, stopping.signal),
  );
  const startedMs = performance.now();
  for (const [index, append] of appends.entries()) {
    const dueMs = startedMs + (index * 1_000) / PER_SECOND;
    await setTimeout(Math.max(0, dueMs - performance.now()));
    sentMs.set(outputOf(append.headers.ce_id ?? ""), performance.now());
    void log.commit({ appends: [append] });
  }
  const giveUpMs = performance.now() + GIVE_UP_MS;
  while (came < appends.length && performance.now() < giveUpMs) await setTimeout(5);
  stopping.abort();
  await Promise.all(readers);
  expectResult("messages that came", came, appends.length);
  return ms.toSorted((a, b) => a - b);
}

async function follow(
  log: Log,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  take: (id: string | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  let next = await log.endOffset(topic, partition);
  while (!signal.aborted) {
    await log.waitFor(topic, partition, next, signal);
    if (signal.aborted) return;
    const records = await log.read(topic, partition, next, READ);
    for (const { headers, offset } of records) {
      take(headers.ce_id);
      next = offset + 1;
    }
  }
}
