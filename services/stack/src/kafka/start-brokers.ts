import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import type { KafkaAccess } from "@amc/platform/log/kafka/connection";
import { PROGRAM_ENVIRONMENT } from "@amc/platform/postgres/server-account";
import { StackError } from "../errors.ts";
import { type StackHome, writeWhole } from "../home.ts";
import type { Java } from "../java.ts";
import { choosePort, isFree, LOOPBACK, type PortWish, readPorts } from "../ports.ts";
import { markOf } from "../processes/marks.ts";
import { type ProcessRecord, recordedProcess, runningProcess } from "../processes/records.ts";
import { becomesReady, startProcess } from "../processes/start.ts";
import { askCluster } from "./admin.ts";
import {
  type BrokerPlace,
  type BrokerSecurity,
  brokerSettings,
  heapMegabytes,
} from "./broker-settings.ts";
import { brokerData, brokerIds, brokerName, type Cluster } from "./cluster.ts";
import { LOG4J_SETTINGS } from "./logging.ts";

const run = promisify(execFile);

const READY_MS = 90_000;
const LONGEST_REASON = 1_000;
/** A controlled shutdown moves leaderships away; what it has not moved by then is recovered. */
const STOP = { signal: "SIGTERM", waitMs: 15_000 } as const;

export interface BrokerStart {
  readonly home: StackHome;
  readonly cluster: Cluster;
  readonly java: Java;
  readonly jars: readonly string[];
  /** Of the first broker; the others would have those after it. */
  readonly firstPort: PortWish;
  /** Null lets in whoever comes from this machine. */
  readonly security: BrokerSecurity | null;
}

/** Starts those brokers of the cluster that do not run. */
export async function startBrokers(start: BrokerStart): Promise<void> {
  const places = await placeBrokers(start);
  const { home } = start;
  writeWhole(log4jPath(home), LOG4J_SETTINGS);
  await Promise.all(
    places.map(async (place) => {
      if (runningProcess(home, brokerName(place.id)) !== null) return;
      writeWhole(settingsPath(home, place.id), brokerSettings(place, places, start.security));
      await formatStorage(start, place);
      await startBroker(start, place);
    }),
  );
}

/** Waits until every broker tells of all of them. */
export async function brokersAnswer(
  home: StackHome,
  cluster: Cluster,
  access: KafkaAccess,
): Promise<void> {
  const ports = readPorts(home);
  await Promise.all(
    brokerIds(cluster).map(async (id) => {
      const record = recordedProcess(home, brokerName(id));
      if (record === null) return;
      const address = { brokers: [`${LOOPBACK}:${ports[brokerName(id)]}`], ...access };
      // A stranger may have taken the port since it was found free, and answer in our broker's place.
      const tellsOfAll = async () => {
        const { id: clusterId, brokers } = await askCluster(address);
        return clusterId === cluster.id && brokers === cluster.brokers;
      };
      await becomesReady(home, record, READY_MS, tellsOfAll);
    }),
  );
}

/** Ports and folders; ports of a cluster that runs in part stay, because the others know them. */
async function placeBrokers(start: BrokerStart): Promise<BrokerPlace[]> {
  const { home, cluster } = start;
  const ids = brokerIds(cluster);
  const someRun = ids.some((id) => runningProcess(home, brokerName(id)) !== null);
  const places: BrokerPlace[] = [];
  for (const id of ids) {
    const isRunning = runningProcess(home, brokerName(id)) !== null;
    const portOf = async (name: string, wish?: PortWish) => {
      const recorded = readPorts(home)[name];
      if (isRunning && recorded !== undefined) return recorded;
      if (someRun && recorded !== undefined) return keepPort(name, recorded);
      return choosePort(home, name, wish);
    };
    const port = await portOf(brokerName(id), portsAfter(start.firstPort, id - 1));
    const controllerPort = await portOf(`${brokerName(id)}-controller`);
    places.push({ id, port, controllerPort, dataDirectory: brokerData(home, id) });
  }
  return places;
}

function portsAfter({ named, wellKnown }: PortWish, step: number): PortWish {
  const after = (port: number | undefined) => (port === undefined ? undefined : port + step);
  return { named: after(named), wellKnown: after(wellKnown) };
}

async function keepPort(name: string, port: number): Promise<number> {
  if (await isFree(port)) return port;
  throw new StackError(
    "stack.port-taken",
    `another program has taken port ${port} of ${name}, which the other brokers know; stop it, or: npm run stack -- down, then up`,
    { part: name, port },
  );
}

/** Kafka refuses a folder without its cluster's id; a folder that was cut off in this is made anew. */
async function formatStorage(start: BrokerStart, place: BrokerPlace): Promise<void> {
  const formatted = join(place.dataDirectory, "meta.properties");
  if (existsSync(formatted)) return;
  rmSync(place.dataDirectory, { recursive: true, force: true });
  mkdirSync(place.dataDirectory, { recursive: true });
  const properties = settingsPath(start.home, place.id);
  const args = [
    // Runs for a second: what makes it start quickly counts, not what makes it fast.
    ...["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"],
    ...classPath(start),
    ...["kafka.tools.StorageTool", "format", "--cluster-id", start.cluster.id],
    ...["--config", properties],
    ...(start.security?.formatArguments ?? []),
  ];
  try {
    await run(start.java.command, args, {
      env: { ...PROGRAM_ENVIRONMENT, ...markOf(start.home) },
      cwd: "/",
    });
  } catch (error) {
    // The message of the failure is the whole command with its fifty jars.
    const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    const words = said.trim().slice(-LONGEST_REASON);
    throw new StackError(
      "stack.start-failed",
      `the storage of ${brokerName(place.id)} cannot be made: ${words}`,
      { part: brokerName(place.id), path: place.dataDirectory },
      { cause: error },
    );
  }
}

function startBroker(start: BrokerStart, place: BrokerPlace): Promise<ProcessRecord> {
  const { home, cluster, java } = start;
  const heap = heapMegabytes(cluster.brokers);
  return startProcess(home, {
    name: brokerName(place.id),
    command: java.command,
    args: [
      `-Xms${heap / 2}m`,
      `-Xmx${heap}m`,
      ...["-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:+ExitOnOutOfMemoryError"],
      "-Djava.awt.headless=true",
      ...classPath(start),
      "kafka.Kafka",
      settingsPath(home, place.id),
    ],
    stop: STOP,
    discard: null,
  });
}

function classPath({ home, jars }: BrokerStart): string[] {
  return [`-Dlog4j2.configurationFile=${log4jPath(home)}`, "-cp", jars.join(delimiter)];
}

const log4jPath = (home: StackHome) => join(home.settings, "log4j2.properties");
const settingsPath = (home: StackHome, id: number) =>
  join(home.settings, `${brokerName(id)}.properties`);
