import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { z } from "zod";
import { readList } from "../artefacts/lists.ts";
import { provideArtefacts } from "../artefacts/provide.ts";
import { unpack } from "../artefacts/unpack.ts";
import type { StackContext } from "../context.ts";
import { StackError } from "../errors.ts";
import { readJson, type StackHome, writeWhole } from "../home.ts";
import { findJavas, type Java, requireJava } from "../java.ts";
import type { PartReport } from "../parts.ts";
import { choosePort, LOOPBACK, readPorts } from "../ports.ts";
import { runningProcess } from "../processes/records.ts";
import { becomesReady, startProcess } from "../processes/start.ts";
import { portWish } from "../settings.ts";
import { EDITIONS, type Edition, editionFor } from "./editions.ts";

/** Under which Apicurio answers as Confluent's registry does. */
export const CONFLUENT_API = "/apis/ccompat/v7";

export const REGISTRY_HEAP = ["-Xms64m", "-Xmx384m"] as const;

const NAME = "registry";
const READY_MS = 90_000;
const STOP = { signal: "SIGTERM", waitMs: 10_000 } as const;

const MADE_WITH = z.object({ edition: z.enum(["java17", "java21"]) });

export async function startRegistry(context: StackContext): Promise<PartReport> {
  const { home, settings, teller } = context;
  const running = runningProcess(home, NAME);
  const address = report(context, "running").address;
  if (running !== null && address !== null) {
    await becomesReady(home, running, READY_MS, () => registryAnswers(address));
    return report(context, "running");
  }
  const javas = findJavas(settings.javaHome);
  requireJava(javas);
  const { edition, java } = chooseEdition(home, javas);
  const list = readList(edition.list);
  const [archive = ""] = await provideArtefacts("Apicurio Registry", list, settings, teller);
  const folder = await unpack(archive, settings.cache);
  const port = await choosePort(home, NAME, portWish(settings, NAME));
  // For health and metrics of its own; by default on every interface of the machine.
  const managementPort = await choosePort(home, `${NAME}-management`);
  const record = await startProcess(home, {
    name: NAME,
    command: java.command,
    args: [
      ...REGISTRY_HEAP,
      ...["-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"],
      ...["-Djava.awt.headless=true", `-Dquarkus.http.host=${LOOPBACK}`],
      ...[`-Dquarkus.http.port=${port}`, `-Dquarkus.management.host=${LOOPBACK}`],
      ...[`-Dquarkus.management.port=${managementPort}`, "-Dquarkus.http.access-log.enabled=false"],
      // Reports itself to nobody.
      "-Dquarkus.analytics.disabled=true",
      ...["-jar", join(folder, edition.jar)],
    ],
    environment: edition.environment(databaseUrl(home)),
    stop: STOP,
    discard: null,
  });
  writeWhole(madeWithPath(home), JSON.stringify({ edition: edition.name }));
  await becomesReady(home, record, READY_MS, () => registryAnswers(addressOf(port)));
  return report(context, "started");
}

export async function registryStatus(context: StackContext): Promise<PartReport> {
  if (runningProcess(context.home, NAME) === null) {
    return { part: "registry", state: "stopped", address: null, detail: "does not run", pids: [] };
  }
  const running = report(context, "running");
  if (running.address !== null && (await registryAnswers(running.address))) return running;
  return { ...running, state: "failed", detail: "does not answer", code: "stack.not-ready" };
}

/** Whether a registry answers a real request at this address; `ca` in place of the system's authorities. */
export async function registryAnswers(url: string, ca?: string): Promise<boolean> {
  try {
    await new RegistryClient({ url, ca, tries: 1 }).subjects();
    return true;
  } catch {
    // Nobody there, which is the answer.
    return false;
  }
}

/**
 * The ids of schemas stand in every record, so they have to outlive the registry: a database in a
 * file of this home. `WRITE_DELAY=0`: what was answered is there after a kill.
 */
function databaseUrl(home: StackHome): string {
  const path = pathToFileURL(join(home.data, NAME, "schemas")).pathname;
  return `jdbc:h2:file:${decodeURI(path)};WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE`;
}

/** The edition whose data is there, else the newest that a Java of this machine runs. */
function chooseEdition(
  home: StackHome,
  javas: readonly Java[],
): { readonly edition: Edition; readonly java: Java } {
  const made = readJson(madeWithPath(home), MADE_WITH);
  const chosen = editionFor(javas, made?.edition ?? null);
  if (chosen !== null) return chosen;
  throw new StackError(
    "stack.not-installed",
    `the schemas in ${home.root} were written by an edition that needs Java ${EDITIONS.java21.javaVersion}, which is gone; install it, or: npm run stack -- down --purge`,
    { part: NAME, path: home.root },
  );
}

const madeWithPath = (home: StackHome) => join(home.data, "registry-edition.json");
const addressOf = (port: number) => `http://${LOOPBACK}:${port}${CONFLUENT_API}`;

function report({ home }: StackContext, state: PartReport["state"]): PartReport {
  const port = readPorts(home)[NAME];
  const record = runningProcess(home, NAME);
  const made = readJson(madeWithPath(home), MADE_WITH);
  const version = made === null ? "" : ` ${readList(EDITIONS[made.edition].list).version}`;
  return {
    part: "registry",
    state,
    address: port === undefined ? null : addressOf(port),
    detail: `Apicurio Registry${version}`,
    pids: record === null ? [] : [record.pid],
  };
}
