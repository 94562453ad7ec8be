import { parentPort, workerData } from "node:worker_threads";
import { type PartitionJob, preparePartition } from "./market-partition.ts";

/** Body of a worker thread: prepares its partition, says so, and runs when it is told to. */
const job: PartitionJob = workerData;
const port = parentPort;
if (port === null) throw new TypeError("market-worker.ts is the body of a worker thread");
const ready = await preparePartition(job);
port.once("message", () => {
  void ready.run().then((result) => port.postMessage(result));
});
port.postMessage("ready");
