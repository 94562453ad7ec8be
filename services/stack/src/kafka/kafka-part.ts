import { readList } from "../artefacts/lists.ts";
import { provideArtefacts } from "../artefacts/provide.ts";
import type { StackContext } from "../context.ts";
import { findJavas, requireJava } from "../java.ts";
import type { PartReport } from "../parts.ts";
import { readPorts } from "../ports.ts";
import { runningProcess } from "../processes/records.ts";
import { brokerList, countBrokers } from "./admin.ts";
import { brokerName, openCluster, readCluster } from "./cluster.ts";
import { bootstrapOf, startBrokers } from "./start-brokers.ts";

export async function startKafka(context: StackContext): Promise<PartReport> {
  const { home, settings, teller } = context;
  const list = readList("kafka");
  const cluster = openCluster(home, settings.brokers, list.version);
  const before = statusOfBrokers(context);
  if (before.running.length === cluster.brokers) {
    return report(context, "running", cluster.brokers);
  }
  const java = requireJava(findJavas(settings.javaHome));
  const jars = await provideArtefacts("Kafka", list, settings, teller);
  await startBrokers({ home, cluster, java, jars, wellKnownPorts: settings.wellKnownPorts });
  return report(context, "started", cluster.brokers);
}

/** How the brokers of this home stand; asks the cluster itself. */
export async function kafkaStatus(context: StackContext): Promise<PartReport> {
  const cluster = readCluster(context.home);
  const { running } = statusOfBrokers(context);
  if (cluster === null || running.length === 0) {
    return { part: "kafka", state: "stopped", address: null, detail: "does not run", pids: [] };
  }
  const answering = await answeringBrokers(bootstrapOf(brokerPorts(context, cluster.brokers)));
  if (answering === cluster.brokers) return report(context, "running", cluster.brokers);
  return {
    ...report(context, "failed", cluster.brokers),
    detail: `${answering} of ${cluster.brokers} broker(s) answer; npm run stack -- up starts the others`,
    code: "stack.not-ready",
  };
}

export async function answeringBrokers(addresses: string): Promise<number> {
  try {
    return await countBrokers(brokerList(addresses));
  } catch {
    // Nobody answered, which is the answer.
    return 0;
  }
}

function statusOfBrokers({ home }: StackContext): { running: readonly number[] } {
  const brokers = readCluster(home)?.brokers ?? 0;
  const ids = Array.from({ length: brokers }, (_, index) => index + 1);
  const records = ids.map((id) => runningProcess(home, brokerName(id)));
  return { running: records.flatMap((record) => (record === null ? [] : [record.pid])) };
}

function brokerPorts({ home }: StackContext, brokers: number): { port: number }[] {
  const ports = readPorts(home);
  return Array.from({ length: brokers }, (_, index) => ports[brokerName(index + 1)]).flatMap(
    (port) => (port === undefined ? [] : [{ port }]),
  );
}

function report(context: StackContext, state: PartReport["state"], brokers: number): PartReport {
  const version = readCluster(context.home)?.version ?? "";
  return {
    part: "kafka",
    state,
    address: bootstrapOf(brokerPorts(context, brokers)),
    detail: `Kafka ${version}, ${brokers === 1 ? "one broker" : `${brokers} brokers`}`,
    pids: statusOfBrokers(context).running,
  };
}
