import { brokerList, type KafkaAccess } from "@amc/platform/log/kafka/connection";
import { readList } from "../artefacts/lists.ts";
import { provideArtefacts } from "../artefacts/provide.ts";
import type { StackContext } from "../context.ts";
import type { StackHome } from "../home.ts";
import { findJavas, requireJava } from "../java.ts";
import type { PartReport } from "../parts.ts";
import { LOOPBACK, readPorts } from "../ports.ts";
import { runningProcess } from "../processes/records.ts";
import { portWish } from "../settings.ts";
import { askCluster } from "./admin.ts";
import { brokerIds, brokerName, type Cluster, openCluster, readCluster } from "./cluster.ts";
import { brokersAnswer, startBrokers } from "./start-brokers.ts";

export async function startKafka(context: StackContext): Promise<PartReport> {
  const { home, settings, teller } = context;
  const cluster = openCluster(home, settings.brokers);
  const allRun = runningBrokers(home).length === cluster.brokers;
  if (!allRun) {
    const java = requireJava(findJavas(settings.javaHome));
    const jars = await provideArtefacts("Kafka", readList("kafka"), settings, teller);
    const { security } = settings;
    const firstPort = portWish(settings, "kafka");
    await startBrokers({ home, cluster, java, jars, firstPort, security });
  }
  await brokersAnswer(home, cluster, settings.kafkaAccess);
  return report(home, allRun ? "running" : "started", cluster);
}

/** How the brokers of this home stand; asks the cluster itself. */
export async function kafkaStatus({ home, settings }: StackContext): Promise<PartReport> {
  const cluster = readCluster(home);
  if (cluster === null || runningBrokers(home).length === 0) {
    return { part: "kafka", state: "stopped", address: null, detail: "does not run", pids: [] };
  }
  const running = report(home, "running", cluster);
  const answering = await answeringBrokers(running.address ?? "", settings.kafkaAccess);
  if (answering === cluster.brokers) return running;
  return {
    ...running,
    state: "failed",
    detail: `${answering} of ${cluster.brokers} broker(s) answer; npm run stack -- up starts the others`,
    code: "stack.not-ready",
  };
}

export async function answeringBrokers(addresses: string, access: KafkaAccess): Promise<number> {
  try {
    return (await askCluster({ brokers: brokerList(addresses), ...access })).brokers;
  } catch {
    // Nobody answered, which is the answer.
    return 0;
  }
}

function runningBrokers(home: StackHome): number[] {
  return brokerIds(readCluster(home) ?? { brokers: 0 })
    .map((id) => runningProcess(home, brokerName(id)))
    .flatMap((record) => (record === null ? [] : [record.pid]));
}

function report(home: StackHome, state: PartReport["state"], cluster: Cluster): PartReport {
  const ports = readPorts(home);
  const { version } = readList("kafka");
  return {
    part: "kafka",
    state,
    // As clients need it.
    address: brokerIds(cluster)
      .map((id) => `${LOOPBACK}:${ports[brokerName(id)]}`)
      .join(","),
    detail: `Kafka ${version}, ${cluster.brokers === 1 ? "one broker" : `${cluster.brokers} brokers`}`,
    pids: runningBrokers(home),
  };
}
