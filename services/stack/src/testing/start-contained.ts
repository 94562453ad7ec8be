/**
 * Starts a part of docker-compose.yml by testcontainers, a process of its own of `contained-part.ts`: it
 * can be ended whole while an image is loaded, and no test file pays for the library's imports.
 *
 * The first argument is what to start. Exits with 0 when its containers are healthy, else with 1 and the
 * reason on the standard output. Ends, with what it calls, as soon as nobody holds its standard input.
 */
import { basename, dirname } from "node:path";
import { DockerComposeEnvironment } from "testcontainers";
import { z } from "zod";
import { COMPOSE_FILE } from "../containers/compose.ts";

const ASKED = z.object({
  part: z.string(),
  project: z.string(),
  environment: z.record(z.string(), z.string()),
});

/** Longest wait for a container to be healthy once it runs; natively the slowest part has 90 s. */
const HEALTHY_MS = 180_000;

const { part, project, environment } = ASKED.parse(JSON.parse(process.argv[2] ?? "null"));

// Whoever asked leads no group; this process does, and `docker compose` is in it.
process.stdin.once("end", () => process.kill(-process.pid, "SIGKILL")).resume();

try {
  await new DockerComposeEnvironment(dirname(COMPOSE_FILE), basename(COMPOSE_FILE))
    .withProjectName(project)
    .withProfiles("core")
    .withEnvironment(environment)
    // Its reaper is an image more and talks to the engine's socket: the watch of the run cleans up.
    .withAutoCleanup(false)
    .withStartupTimeout(HEALTHY_MS)
    .up([part]);
  process.exit(0);
} catch (error) {
  process.stdout.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
  process.stdin.destroy();
}
