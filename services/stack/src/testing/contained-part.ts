import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ProcessIdentity } from "@amc/platform/postgres/process-identity";
import { z } from "zod";
import { composeWords } from "../containers/compose.ts";
import { runDocker } from "../containers/docker.ts";
import { askEngine } from "../containers/engine.ts";
import { askImages } from "../containers/images.ts";
import { PART_IMAGES, PORT_VARIABLES } from "../containers/part-addresses.ts";
import type { StackContext } from "../context.ts";
import { makeHome, readJson, type StackHome, writeWhole } from "../home.ts";
import { withHomeLock } from "../home-lock.ts";
import { PART_CONTROLS } from "../part-control.ts";
import { PART_NAMES, type PartName } from "../parts.ts";
import { choosePort, LOOPBACK } from "../ports.ts";
import type { StackSettings } from "../settings.ts";

/** Images over a slow line, where they are asked for; what an engine does not answer by then it never does. */
const START_MS = 10 * 60_000;
/** For one call that lists or removes; nothing that is removed has to write anything down. */
const REMOVE_CALL_MS = 30_000;
/** For all of them: an engine may be starting again, or still make what somebody asked for who was killed. */
const REMOVE_MS = 120_000;
const REMOVE_PAUSE_MS = 1_000;

/** How a part stands in containers of a test run; written before anything is started. */
const RECORD = z.object({
  /** Of docker compose; null where nothing is in containers. */
  project: z.string().nullable(),
  /** Null while it starts and where it did not. */
  address: z.string().nullable(),
  /** Why it does not run in containers; null where nobody would expect it to. */
  refusal: z.string().nullable(),
});

export type ContainedPart = Readonly<z.output<typeof RECORD>>;

export interface ContainedStart {
  readonly part: PartName;
  readonly wish: StackSettings["containers"];
  /** The run that it is for: its project is named after it. */
  readonly owner: ProcessIdentity;
  /** Told once in a run, before it starts, which images are loaded for it. */
  readonly onLoad: (images: readonly string[]) => void;
  /** Told once in a run how the part was started, or why it was not. */
  readonly onStart: (contained: ContainedPart) => void;
}

/**
 * A part of docker-compose.yml in containers that all workers of a test run share, or why there is none.
 * Each part has a project of its own: testcontainers takes the whole project down when one of its services
 * does not start, and a test may already work with another.
 */
export function containedPart(
  context: StackContext,
  start: ContainedStart,
): Promise<ContainedPart> {
  const { home } = context;
  makeHome(home);
  return withHomeLock(home, waiting(context), async () => {
    const known = readRecord(home, start.part);
    if (known !== null && !isBeingStarted(known)) return known;
    const contained = await tryToStart(context, start);
    writeRecord(home, start.part, contained);
    start.onStart(contained);
    return contained;
  });
}

/** Read under the lock, it is of a worker that was killed meanwhile. */
function isBeingStarted({ project, address, refusal }: ContainedPart): boolean {
  return project !== null && address === null && refusal === null;
}

async function tryToStart(context: StackContext, start: ContainedStart): Promise<ContainedPart> {
  const { part, wish, onLoad } = start;
  const nowhere = { project: null, address: null };
  if (wish === "never") return { ...nowhere, refusal: "AMC_STACK_RUNNER is processes" };
  const engine = await askEngine();
  if (!engine.usable) return { ...nowhere, refusal: engine.reason };
  const images = await askImages(part);
  if (!images.known) return { ...nowhere, refusal: images.reason };
  if (images.missing.length > 0) {
    // Some hundred megabytes that nobody asked for, and minutes in which the first test seems to hang.
    if (wish !== "always") return { ...nowhere, refusal: lacking(images.missing) };
    onLoad(images.missing);
  }
  const project = projectOf(start);
  writeRecord(context.home, part, { project, address: null, refusal: null });
  // Half of it, where a worker was killed while it started it.
  await removeProject(project);
  const ports = await freePorts(context.home, part);
  const address = PART_IMAGES[part].address(`${LOOPBACK}:${ports[part]}`);
  const failure =
    (await startProject(project, part, ports)) ??
    ((await PART_CONTROLS[part].answers(address, context.settings))
      ? null
      : `testcontainers started it, and nothing answers at ${address}`);
  if (failure === null) return { project, address, refusal: null };
  const refusal = `containers failed: ${failure}`;
  if (await removeProject(project)) return { ...nowhere, refusal };
  const due = `docker compose --project-name ${project} down --volumes is due`;
  return { project, address: null, refusal: `${refusal}; ${due}` };
}

function lacking(images: readonly string[]): string {
  const ways =
    "docker compose --profile core pull adds what tests in containers need, AMC_STACK_RUNNER=containers loads it";
  return `docker has no image ${images.join(", ")}; ${ways}`;
}

/** Names nothing that another run has, of a later process of the same number neither. */
function projectOf({ part, owner }: ContainedStart): string {
  const token = createHash("sha256").update(owner.startToken).digest("hex").slice(0, 8);
  return `amc-test-${owner.pid}-${token}-${part}`;
}

/** Of all parts: the registry brings the PostgreSQL that it keeps its schemas in. */
async function freePorts(home: StackHome, part: PartName): Promise<Record<PartName, number>> {
  const free = (name: PartName) => choosePort(home, `container-${part}-${name}`);
  return {
    kafka: await free("kafka"),
    registry: await free("registry"),
    postgres: await free("postgres"),
    redis: await free("redis"),
  };
}

/** @returns why it did not start; null when it did */
async function startProject(
  project: string,
  part: PartName,
  ports: Readonly<Record<PartName, number>>,
): Promise<string | null> {
  const environment = {
    ...Object.fromEntries(PART_NAMES.map((name) => [PORT_VARIABLES[name], String(ports[name])])),
    // Where the machine went down with the run, an engine that is up again must not bring them back.
    CORE_RESTART: "no",
  };
  const program = fileURLToPath(new URL("./start-contained.ts", import.meta.url));
  const asked = JSON.stringify({ part, project, environment });
  const child = spawn(process.execPath, [program, asked], {
    detached: true,
    // Run in a container itself, testcontainers would load an image to find out what host it is on. Ports
    // of docker-compose.yml are on loopback, and nowhere else.
    env: { ...process.env, TESTCONTAINERS_HOST_OVERRIDE: LOOPBACK },
    stdio: "pipe",
  });
  const { promise: ended, resolve } = Promise.withResolvers<number | null>();
  child.once("close", resolve);
  const deadline = AbortSignal.timeout(START_MS);
  const giveUp = () => child.stdin.end();
  deadline.addEventListener("abort", giveUp, { once: true });
  const [reason, crash, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  deadline.removeEventListener("abort", giveUp);
  if (exitCode === 0) return null;
  if (deadline.aborted) return `it was not ready after ${START_MS / 60_000} minutes`;
  const lines = reason.split("\n").filter((line) => line.trim() !== "");
  // Without a reason it did not come as far as that, such as where the library is not installed.
  const said = lines.at(-1) ?? /^\w*Error\b.*$/m.exec(crash)?.[0];
  return said?.trim() ?? `testcontainers ended with ${exitCode} and gave no reason`;
}

/** Ends what a run has in containers, data included; false when the engine does not do it. */
export async function endContained(context: StackContext): Promise<boolean> {
  const { home } = context;
  if (!existsSync(home.root)) return true;
  makeHome(home);
  // Who holds it starts something, and lives.
  return withHomeLock(home, waiting(context), async () => {
    const projects = PART_NAMES.flatMap((part) => readRecord(home, part)?.project ?? []);
    const gone = await Promise.all(projects.map(removeProject));
    return gone.every((isGone) => isGone);
  });
}

/** Whether nothing of it is left. */
async function removeProject(project: string): Promise<boolean> {
  const words = ["down", "--volumes", "--remove-orphans", "--timeout", "0"];
  const deadline = performance.now() + REMOVE_MS;
  for (let left = await leftOf(project); left?.length !== 0; left = await leftOf(project)) {
    if (performance.now() > deadline) return false;
    const call = { timeoutMs: REMOVE_CALL_MS };
    const { exitCode } = await runDocker(composeWords(words, project), call);
    if (exitCode !== 0) await delay(REMOVE_PAUSE_MS);
  }
  return true;
}

/**
 * Containers, volumes and networks of a project, by the label that compose puts on all that it makes;
 * null when the engine does not answer.
 */
export async function leftOf(project: string): Promise<string[] | null> {
  const filter = ["--quiet", "--filter", `label=com.docker.compose.project=${project}`];
  const lists = [
    ["ps", "--all"],
    ["volume", "ls"],
    ["network", "ls"],
  ] as const;
  const call = { timeoutMs: REMOVE_CALL_MS };
  const answers = await Promise.all(lists.map((list) => runDocker([...list, ...filter], call)));
  if (answers.some(({ exitCode }) => exitCode !== 0)) return null;
  return answers.flatMap(({ stdout }) => stdout.split("\n").filter((line) => line !== ""));
}

const waiting = (context: StackContext) => (pid: number) =>
  context.teller.note(`waiting for process ${pid}, which is at it`);

const recordPath = (home: StackHome, part: PartName) => join(home.root, `contained-${part}.json`);

/** Null while nobody has asked for it. */
export const readRecord = (home: StackHome, part: PartName): ContainedPart | null =>
  readJson(recordPath(home, part), RECORD);

function writeRecord(home: StackHome, part: PartName, contained: ContainedPart): void {
  writeWhole(recordPath(home, part), JSON.stringify(contained));
}
