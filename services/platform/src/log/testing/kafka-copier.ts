/**
 * A process that copies numbered inputs to a topic on Kafka, one commit after the other, and writes a
 * line to stdout for each one that is acknowledged, to be killed by a test. Arguments: brokers, prefix,
 * delivery, mode. `unmarked` leaves out the headers by which an output is found again: a check that
 * does not notice this proves nothing.
 */
import { writeSync } from "node:fs";
import { openKafkaLog } from "../kafka.ts";
import type { Append } from "../port.ts";
import { COPIED, COPIED_LAYOUT, COPIER_GROUP, RECORDS_PER_INPUT } from "./copied-inputs.ts";

const STDOUT = 1;

const [brokers = "", prefix = "", delivery = "", mode = ""] = process.argv.slice(2);
const log = await openKafkaLog({
  connection: { brokers: brokers.split(","), clientId: "copier" },
  prefix,
  layout: COPIED_LAYOUT,
  delivery: delivery === "transactional" ? "transactional" : "deduplicated",
});
const lease = await log.acquire(COPIER_GROUP, 0);
const [position] = await log.positions(COPIER_GROUP, 0);

for (let input = position?.next ?? 0; ; input += 1) {
  await log.commit({
    lease,
    appends: Array.from({ length: RECORDS_PER_INPUT }, (_, index) => copyOf(input, index)),
    positions: [{ topic: COPIED, partition: 0, next: input + 1 }],
    state: [{ store: "copied", key: "inputs", value: Buffer.from(`${input + 1}`) }],
  });
  writeSync(STDOUT, `ack ${input}\n`);
}

function copyOf(input: number, index: number): Append {
  const source = `${COPIED}/0/${input}#${index}`;
  return {
    topic: COPIED,
    partition: index % 2,
    key: "GME",
    value: Buffer.from(`${input}#${index}`),
    headers: mode === "unmarked" ? {} : { "amc-stage": "copier", "amc-source": source },
  };
}
