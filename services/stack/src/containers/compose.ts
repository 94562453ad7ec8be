import { fileURLToPath } from "node:url";
import { z } from "zod";
import { isPartName, type PartName } from "../parts.ts";
import { type DockerAnswer, type DockerCall, runDocker } from "./docker.ts";

/** Names containers, network and volumes of the stack; the one that docker-compose.yml has. */
export const PROJECT = "amc";

export const COMPOSE_FILE = fileURLToPath(
  new URL("../../../../docker-compose.yml", import.meta.url),
);

/** One line of `docker compose ps`. */
const CONTAINER = z.object({
  Name: z.string(),
  Service: z.string(),
  /** `running`, `exited`, `restarting` … */
  State: z.string(),
  /** `healthy`, `unhealthy`, `starting`; empty where nothing asks. */
  Health: z.string().default(""),
  ExitCode: z.number().default(0),
  /** Null when it does not run. */
  Publishers: z
    .array(z.object({ URL: z.string(), TargetPort: z.number(), PublishedPort: z.number() }))
    .nullish()
    .transform((publishers) => publishers ?? []),
});

export type PartContainer = Readonly<z.output<typeof CONTAINER>>;

/**
 * The words of a `docker compose` on the profile core. Project, file and profile are named, because
 * variables of the user's, such as COMPOSE_FILE, would name others.
 */
export function composeWords(words: readonly string[], project = PROJECT): string[] {
  const where = ["--project-name", project, "--file", COMPOSE_FILE, "--profile", "core"];
  return ["compose", ...where, ...words];
}

export function compose(words: readonly string[], call?: DockerCall): Promise<DockerAnswer> {
  return runDocker(composeWords(words), call);
}

/** The container of every part that has one, whatever its state; null when Docker does not say. */
export async function partContainers(): Promise<ReadonlyMap<PartName, PartContainer> | null> {
  const answer = await compose(["ps", "--all", "--format", "json"]);
  if (answer.exitCode !== 0) return null;
  const found = new Map<PartName, PartContainer>();
  for (const container of readContainers(answer.stdout)) {
    if (isPartName(container.Service)) found.set(container.Service, container);
  }
  return found;
}

/** An object on each line, as compose prints them. */
function readContainers(output: string): PartContainer[] {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => CONTAINER.parse(JSON.parse(line)));
}
