/**
 * A process that copies numbered inputs to a topic on Kafka, one commit after the other, and writes a
 * line to stdout for each one that is acknowledged, to be killed by a test. Arguments: brokers, prefix,
 * delivery, who writes transactions, mode. `unmarked` leaves out the headers by which an output is found again.
 */
import { writeSync } from "node:fs";
import { openKafkaLog } from "../kafka.ts";
import { COPIED_LAYOUT, COPIER_GROUP, copyCommit } from "./copied-inputs.ts";

const STDOUT = 1;

const [brokers = "", prefix = "", delivery = "", by = "", mode = ""] = process.argv.slice(2);
const log = await openKafkaLog({
  connection: { brokers: brokers.split(","), clientId: "copier" },
  prefix,
  layout: COPIED_LAYOUT,
  delivery: delivery === "transactional" ? "transactional" : "deduplicated",
  transactionsBy: by === "kafkajs" ? "kafkajs" : "amc",
});
const lease = await log.acquire(COPIER_GROUP, 0);
const [position] = await log.positions(COPIER_GROUP, 0);

for (let input = position?.next ?? 0; ; input += 1) {
  await log.commit(copyCommit(lease, input, mode !== "unmarked"));
  writeSync(STDOUT, `ack ${input}\n`);
}
