import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { StackContext } from "../context.ts";
import { StackError } from "../errors.ts";
import { readJson, type StackHome, writeWhole } from "../home.ts";
import { PART_NAMES, type PartName } from "../parts.ts";
import { portsPath } from "../ports.ts";
import { PROJECT } from "./compose.ts";
import { askEngine } from "./engine.ts";

/** What runs the servers of a home. */
export type Runner = "processes" | "containers";

const RECORD = z.object({
  project: z.string(),
  /** Where each part was published last; homes made before this was kept have none. */
  ports: z.partialRecord(z.enum(PART_NAMES), z.number().int()).default({}),
});

export type ContainerPorts = Readonly<Partial<Record<PartName, number>>>;

const recordPath = (home: StackHome) => join(home.root, "containers.json");

/** What the data of a home was made with; null while there is none. */
export function runnerOf(home: StackHome): Runner | null {
  if (existsSync(recordPath(home))) return "containers";
  // The first thing that a server of ours needs.
  return existsSync(portsPath(home)) ? "processes" : null;
}

/** Makes the home one of containers: its data is in their volumes from now on. */
export function recordContainers(home: StackHome, ports: ContainerPorts): void {
  writeWhole(recordPath(home), JSON.stringify({ project: PROJECT, ports }));
}

/** The ports that containers of this home had. */
export function recordedPorts(home: StackHome): ContainerPorts {
  return readJson(recordPath(home), RECORD)?.ports ?? {};
}

export function forgetContainers(home: StackHome): void {
  rmSync(recordPath(home), { force: true });
}

/**
 * What runs the servers of this call: what the home was made with, because its data is there; else
 * containers where they are allowed and an engine answers, else processes.
 *
 * @throws StackError `stack.in-containers` when only processes are allowed in a home of containers;
 *   `stack.containers-failed` when only containers are allowed and there is no engine
 */
export async function chooseRunner({ home, settings, teller }: StackContext): Promise<Runner> {
  const made = runnerOf(home);
  if (settings.containers === "never") {
    if (made !== "containers") return "processes";
    throw new StackError(
      "stack.in-containers",
      "what this stack keeps is in containers; npm run stack -- down --purge removes it, --home <dir> makes another one beside it",
      { path: home.root },
    );
  }
  if (made !== null) return made;
  const engine = await askEngine();
  if (engine.usable) return "containers";
  if (settings.containers === "always") {
    throw new StackError("stack.containers-failed", engine.reason ?? "there is no docker here");
  }
  if (engine.reason !== null) teller.note(`${engine.reason}: the servers run as processes`);
  return "processes";
}
