import { randomUUID } from "node:crypto";
import { isLogError, type LogErrorCode } from "@amc/platform/log/errors";
import { openKafkaLog } from "@amc/platform/log/kafka";
import { provideTopics, removeTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import type { Append, Log } from "@amc/platform/log/port";
import { seededRandom } from "@amc/replay/seeded-random";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { DELIVERIES, type Delivery } from "./market-on-kafka.ts";
import { clusterOfFaults } from "./servers.ts";

const TOPIC = "market.price-tick.v1";
const GROUP = "reader";
const LAYOUT = [{ topic: TOPIC, partitions: 1 }];
/** Records before the fault, at most; after it there are more. */
const RECORDS_MAX = 200;
const LIMITS = { maxRecords: 1_000, maxBytes: 1 << 20 };

/** How the word of an owner begins that was not stopped. */
const TOOK = "took";

type Kind = "retention" | "replaced";

export const HISTORY_GONE: Fault = {
  id: "F36",
  title: "retention ran past our position; a topic was deleted and made again with more records",
  invariant:
    "the next owner stops with log.offset-out-of-range or log.topic-replaced and takes nothing",
  control: "a reader that goes on at the first offset there is, as auto.offset.reset=earliest does",
  strikes: { full: 40, reduced: 8, control: 2 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const brokers = await clusterOfFaults();
  const violations: string[] = [];
  const exceeded: string[] = [];
  const counts = { retention: 0, replaced: 0 };
  for (let struck = 0; struck < strikes; struck += 1) {
    const delivery = DELIVERIES[struck % DELIVERIES.length] ?? "deduplicated";
    // The control knows no ids of topics either, but only offsets show it.
    const kind = build === "sound" && struck % 4 >= 2 ? "replaced" : "retention";
    counts[kind] += 1;
    const found = await lose(brokers, { kind, delivery, build }, random);
    const expected: LogErrorCode =
      kind === "retention" ? "log.offset-out-of-range" : "log.topic-replaced";
    if (found !== expected) {
      // An owner that was stopped by something else has taken nothing.
      const kept = found.startsWith(TOOK) ? violations : exceeded;
      kept.push(`${delivery}, ${kind}: ${found} and not ${expected}`);
    }
    onStrike(struck + 1);
  }
  return { strikes, counts, violations, exceeded };
}

/** What the owner after the loss is told; `took n records` when it is told nothing. */
async function lose(
  brokers: readonly string[],
  { kind, delivery, build }: { kind: Kind; delivery: Delivery; build: Build },
  random: () => number,
): Promise<string> {
  const connection = { brokers, clientId: "amc-faults" };
  const prefix = `faults-${randomUUID().slice(0, 8)}.`;
  const groups = [{ group: GROUP, partitions: 1 }];
  const wanted = { prefix, layout: LAYOUT };
  const { names } = await provideTopics(connection, { ...wanted, groups });
  const open = () => openKafkaLog({ connection, prefix, layout: LAYOUT, delivery });
  const logs: Log[] = [];
  try {
    const owner = await open();
    logs.push(owner);
    const written = 2 + Math.floor(random() * RECORDS_MAX);
    await owner.commit({ appends: records(written) });
    const next = Math.floor(random() * (written - 1));
    const lease = await owner.acquire(GROUP, 0);
    await owner.commit({ lease, appends: [], positions: [{ topic: TOPIC, partition: 0, next }] });
    if (kind === "retention") {
      await owner.truncateBefore(TOPIC, 0, next + 1);
    } else {
      await removeTopics(connection, [prefix + TOPIC]);
      await provideTopics(connection, { ...wanted, groups: [] });
      const stranger = await open();
      logs.push(stranger);
      await stranger.commit({ appends: records(written + 1) });
    }
    const heir = await open();
    logs.push(heir);
    return await takeOver(heir, build);
  } finally {
    for (const log of logs) await log.close();
    await removeTopics(connection, names);
  }
}

async function takeOver(log: Log, build: Build): Promise<string> {
  try {
    await log.acquire(GROUP, 0);
    const [position] = await log.positions(GROUP, 0);
    const start = await log.startOffset(TOPIC, 0);
    const stored = position?.next ?? 0;
    const from = build === "sound" ? stored : Math.max(stored, start);
    return `${TOOK} ${(await log.read(TOPIC, 0, from, LIMITS)).length} records`;
  } catch (error) {
    if (isLogError(error)) return error.code;
    throw error;
  }
}

function records(count: number): Append[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ topic: TOPIC, partition: 0, key: "GME", headers: {} },
    value: Buffer.from(`${index}`),
  }));
}
