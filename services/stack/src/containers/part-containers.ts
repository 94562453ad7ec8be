import type { StackContext } from "../context.ts";
import { StackError } from "../errors.ts";
import { givenReport, PART_CONTROLS } from "../part-control.ts";
import { PART_NAMES, PART_TITLES, type PartName, type PartReport } from "../parts.ts";
import type { StackSettings } from "../settings.ts";
import { compose, type PartContainer, partContainers } from "./compose.ts";
import type { DockerAnswer } from "./docker.ts";
import {
  addressOfContainer,
  PART_IMAGES,
  PORT_VARIABLES,
  portOfContainer,
} from "./part-addresses.ts";
import { type ContainerPorts, recordContainers, recordedPorts } from "./runner.ts";

/** Longest wait for all to be healthy once their images are there; natively the slowest has 90 s. */
const HEALTHY_S = 180;
/** As the exit code of a container tells that it was killed: 128 and the number of SIGKILL. */
const KILLED = 137;

type Containers = ReadonlyMap<PartName, PartContainer>;

/**
 * Starts the containers of the parts that are asked for and not given, and waits until they are
 * healthy; what runs stays as it is, and where it is.
 *
 * @throws StackError `stack.containers-failed` when Docker made none of them, such as without images
 */
export async function startContainers(context: StackContext): Promise<PartReport[]> {
  const { home, settings, teller } = context;
  const wanted = settings.parts.filter((part) => settings.given[part] === undefined);
  const before = await containersNow();
  const words = ["up", "--detach", "--wait", "--wait-timeout", String(HEALTHY_S), ...wanted];
  const onProgress = (line: string) => teller.note(line);
  const call = { onProgress, environment: portsToPublish(context, before) };
  const failure = wanted.length > 0 ? failureOf(await compose(words, call)) : null;
  const now = await containersNow();
  if (failure !== null && !wanted.some((part) => now.has(part))) {
    throw new StackError(
      "stack.containers-failed",
      `docker compose started nothing: ${failure}\nnpm run stack -- up --native starts the same servers as processes`,
    );
  }
  recordContainers(home, { ...recordedPorts(home), ...publishedPorts(now) });
  const reports = await reportContainers(settings, now);
  return reports.map((report) =>
    report.state === "running" && !isRunning(before.get(report.part))
      ? { ...report, state: "started" }
      : report,
  );
}

/**
 * Variables of docker-compose.yml. The next `up` may come from a shell without those of this one, and compose
 * makes anew what runs with others: the port of what runs goes first. No other call looks at them.
 */
function portsToPublish(
  { home, settings }: StackContext,
  before: Containers,
): Record<string, string> {
  const running = new Map([...before].filter(([, container]) => isRunning(container)));
  const ports = { ...recordedPorts(home), ...settings.namedPorts, ...publishedPorts(running) };
  return Object.fromEntries(
    PART_NAMES.flatMap((part) => {
      const port = ports[part];
      return port === undefined ? [] : [[PORT_VARIABLES[part], String(port)]];
    }),
  );
}

function publishedPorts(containers: Containers): ContainerPorts {
  return Object.fromEntries(
    [...containers].flatMap(([part, container]) => {
      const port = portOfContainer(part, container);
      return port === null ? [] : [[part, port]];
    }),
  );
}

/** How the parts that are asked for stand; every one is asked a real question. */
export async function statusOfContainers({ settings }: StackContext): Promise<PartReport[]> {
  return reportContainers(settings, await containersNow());
}

export interface StoppedContainers {
  readonly stopped: readonly PartName[];
  /** Those of them that Docker killed because they did not end in their time. */
  readonly killed: readonly PartName[];
}

/** Stops and removes the containers of the parts; `withData` is for all parts and takes the volumes. */
export async function stopContainers(
  parts: readonly PartName[],
  withData: boolean,
): Promise<StoppedContainers> {
  const before = await containersNow();
  const stopped = parts.filter((part) => hasToBeStopped(before.get(part)));
  if (stopped.length > 0) await composeOrFail(["stop", ...stopped]);
  const after = stopped.length > 0 ? await containersNow() : before;
  // All of them take their network along; a part alone leaves it to the others.
  const all = withData ? ["down", "--volumes"] : ["down"];
  await composeOrFail(parts.length === PART_NAMES.length ? all : ["rm", "--force", ...parts]);
  return { stopped, killed: stopped.filter((part) => after.get(part)?.ExitCode === KILLED) };
}

/** @throws StackError `stack.containers-failed` when the engine does not answer */
export async function containersNow(): Promise<Containers> {
  const containers = await partContainers();
  if (containers !== null) return containers;
  throw new StackError(
    "stack.containers-failed",
    "what this stack keeps is in containers, and Docker does not answer: start its engine",
  );
}

function reportContainers(settings: StackSettings, containers: Containers): Promise<PartReport[]> {
  return Promise.all(
    settings.parts.map((part) => {
      const address = settings.given[part];
      return address === undefined
        ? reportContainer(part, containers.get(part), settings)
        : givenReport(part, address, settings);
    }),
  );
}

async function reportContainer(
  part: PartName,
  container: PartContainer | undefined,
  settings: StackSettings,
): Promise<PartReport> {
  if (container === undefined) {
    return { part, state: "stopped", address: null, detail: "does not run", pids: [] };
  }
  const { Name, State, Health } = container;
  const address = addressOfContainer(part, container);
  const facts = { part, address, pids: [] };
  if (isRunning(container) && address !== null) {
    if (await PART_CONTROLS[part].answers(address, settings)) {
      return { ...facts, state: "running", detail: `${PART_IMAGES[part].title} (${Name})` };
    }
  }
  const condition = Health === "" ? State : `${State}, ${Health}`;
  return {
    ...facts,
    state: "failed",
    detail: `${Name} is ${condition}, and ${PART_TITLES[part]} does not answer; npm run stack -- logs ${part} says more`,
    code: "stack.not-ready",
  };
}

const isRunning = (container: PartContainer | undefined) => container?.State === "running";

/** States of a container that Docker would run on: one that fails at each start is between two of them. */
const STARTED: readonly string[] = ["running", "restarting", "paused"];

function hasToBeStopped(container: PartContainer | undefined): boolean {
  return container !== undefined && STARTED.includes(container.State);
}

/** What Docker said last when a call failed; null when it did not. */
function failureOf({ exitCode, progress }: DockerAnswer): string | null {
  return exitCode === 0 ? null : (progress.at(-1) ?? `exit code ${exitCode}`);
}

async function composeOrFail(words: readonly string[]): Promise<void> {
  const failure = failureOf(await compose(words));
  if (failure === null) return;
  const text = `docker compose ${words.join(" ")} failed: ${failure}`;
  throw new StackError("stack.containers-failed", text);
}
