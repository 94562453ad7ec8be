import { openKafkaLog } from "@amc/platform/log/kafka";
import type { Append, Log, TopicLayout } from "@amc/platform/log/port";
import { recordsOf } from "@amc/replay/log-digests";

/** What the process that writes numbered transactions (F8) and its examiner agree on. */
export interface TransactionPlace {
  readonly brokers: readonly string[];
  readonly prefix: string;
}

export const GROUP = "transactions";
const TOPIC = "signals.features.v1";
const PARTITIONS = 4;
/** As in the transactions of Kafka's own system tests. */
const RECORDS = 750;
export const LAYOUT: readonly TopicLayout[] = [{ topic: TOPIC, partitions: PARTITIONS }];
/** Every request under way has to be repeated when a broker is away for longer than this. */
const REQUEST_TIMEOUT_MS = 2_000;

export function openTransactions({ brokers, prefix }: TransactionPlace): Promise<Log> {
  const connection = { brokers, clientId: "amc-faults", requestTimeoutMs: REQUEST_TIMEOUT_MS };
  return openKafkaLog({ connection, prefix, layout: LAYOUT, delivery: "transactional" });
}

/** The number of the next transaction, as the position tells. */
export async function nextTransaction(log: Log): Promise<number> {
  return (await log.positions(GROUP, 0))[0]?.next ?? 0;
}

/** Records of one transaction, over all partitions. */
export function transactionRecords(number: number): Append[] {
  return Array.from({ length: RECORDS }, (_, index) => ({
    ...{ topic: TOPIC, partition: index % PARTITIONS, key: "GME" },
    value: Buffer.from(`${number} ${index}`),
    headers: { "amc-stage": "transactions", "amc-source": `${TOPIC}/0/${number}#${index}` },
  }));
}

/** The position behind a transaction. */
export function transactionPosition(number: number) {
  return { topic: TOPIC, partition: 0, next: number + 1 };
}

/** Where a log of numbered transactions is not whole: each below the position once, all of it, no other. */
export async function tornTransactions(log: Log): Promise<readonly string[]> {
  const next = await nextTransaction(log);
  const found = new Map<string, number>();
  for await (const { value } of recordsOf(log, TOPIC)) {
    const id = Buffer.from(value ?? []).toString("utf8");
    found.set(id, (found.get(id) ?? 0) + 1);
  }
  const counts = Array.from({ length: next }, () => 0);
  let [twice, uncommitted] = [0, 0];
  for (const [id, times] of found) {
    const number = Number(id.split(" ")[0]);
    if (number >= next) uncommitted += 1;
    else counts[number] = (counts[number] ?? 0) + 1;
    if (times > 1) twice += 1;
  }
  const torn = counts.flatMap((count, number) =>
    count === RECORDS ? [] : [`${number}: ${count}`],
  );
  return [
    ...(torn.length > 0 ? [`not all ${RECORDS} records of transactions ${torn.join(", ")}`] : []),
    ...(twice > 0 ? [`${twice} records are committed twice`] : []),
    ...(uncommitted > 0 ? [`${uncommitted} records of no committed transaction are read`] : []),
  ];
}
