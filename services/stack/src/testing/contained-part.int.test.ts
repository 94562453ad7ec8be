import { existsSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { PartName } from "../parts.ts";
import { type FakeEngine, startFakeEngine } from "./fake-engine.ts";
import { type SmallRun, startRun } from "./small-run.ts";

let engine: FakeEngine;
const runs: SmallRun[] = [];

beforeEach(async () => {
  engine = await startFakeEngine();
});

afterEach(async () => {
  for (const run of runs.splice(0)) await hasEnded(run);
  await engine.close();
});

/** A test run beside this one that asks for Redis and finds the engine that answers as it was told. */
async function runWith(
  environment: Readonly<Record<string, string>> = {},
  parts: readonly PartName[] = ["redis"],
): Promise<SmallRun> {
  const run = await startRun(parts, { ...engine.environment, ...environment });
  runs.push(run);
  return run;
}

/** Kills it as a person might, and waits until what it left is taken away. */
async function hasEnded(run: SmallRun): Promise<void> {
  run.kill();
  await expect.poll(() => existsSync(run.home.root), { timeout: 30_000 }).toBe(false);
}

const callsTo = (word: string) => engine.calls().filter((call) => call.includes(` ${word} `));

/** Projects of all that was started. */
const started = () => callsTo("up").map((call) => call.split(": ")[0] ?? "");

it("is what docker-compose.yml says, started by testcontainers under a name of the run", async () => {
  const run = await runWith();
  const [project = ""] = started();
  expect(project).toMatch(/^amc-test-\d+-[\da-f]{8}-redis$/);
  expect(run.home.root).toContain(project.split("-")[2]);
  expect(callsTo("up")).toEqual([
    `${project}: compose --profile core -f docker-compose.yml up -d redis`,
  ]);
  expect(run.answers).toEqual([
    { address: `redis://127.0.0.1:${engine.publishedPort()}`, skipped: "" },
  ]);
  expect(run.said).toEqual([`Redis for tests: in containers (${project})`]);
});

it("is started once, for whoever asks in the run", async () => {
  const run = await runWith({}, ["redis", "redis"]);
  expect(started()).toHaveLength(1);
  expect(run.said).toHaveLength(1);
  expect(run.answers[0]).toEqual(run.answers[1]);
});

it("goes with its volumes and network when the run is killed", async () => {
  const run = await runWith();
  const [project = ""] = started();
  expect(engine.publishedPort()).not.toBeNull();
  expect(callsTo("down")).toEqual([]);
  await hasEnded(run);
  expect(engine.publishedPort()).toBeNull();
  expect(callsTo("down")).toEqual([
    expect.stringMatching(`^compose --project-name ${project} --file .* down --volumes `),
  ]);
  const lists = ["ps --all", "volume ls", "network ls"].map((list) => `${list} --quiet --filter`);
  const label = `label=com.docker.compose.project=${project}`;
  expect(engine.calls()).toEqual(expect.arrayContaining(lists.map((list) => `${list} ${label}`)));
});

it("goes as well when the run is killed while it starts", async () => {
  engine.loadImagesForEver();
  const { PATH = "" } = engine.environment;
  const starting = runWith({ PATH });
  await expect.poll(() => engine.isLoadingImages(), { timeout: 30_000 }).toBe(true);
  const pid = Number(started()[0]?.split("-")[2]);
  process.kill(pid, "SIGKILL");
  await hasEnded(await starting);
  expect(engine.isLoadingImages()).toBe(false);
});

it("is native where containers fail, and the run says why, once", async () => {
  engine.refuseStarts();
  const run = await runWith({}, ["redis", "redis"]);
  expect(started()).toHaveLength(1);
  expect(run.said).toEqual([
    "Redis for tests: native (containers failed: Error response from daemon: no space left on device)",
  ]);
});

it("is native where nothing answers at the port that the container has", async () => {
  engine.publishNothing();
  const run = await runWith();
  expect(run.said).toEqual([
    expect.stringMatching(/native [(]containers failed: .*nothing answers at redis:/),
  ]);
  expect(engine.publishedPort()).toBeNull();
});

it("is native where Docker has not its image, and the run says which and what adds it, once", async () => {
  engine.loseImages("redis:7.2");
  const run = await runWith({}, ["redis", "redis"]);
  expect(started()).toEqual([]);
  expect(run.said).toEqual([
    "Redis for tests: native (docker has no image redis:7.2; docker compose --profile core pull adds what tests in containers need, AMC_STACK_RUNNER=containers loads it)",
  ]);
});

it("does not ask for the images of other parts", async () => {
  engine.loseImages("apache/kafka:4.3.1", "postgres:18.4");
  const run = await runWith();
  expect(started()).toHaveLength(1);
  expect(run.said).toEqual([expect.stringContaining("in containers")]);
});

it("is native where Docker does not say which images it has", async () => {
  engine.keepSilentAboutImages();
  const run = await runWith();
  expect(started()).toEqual([]);
  expect(run.said).toEqual([
    "Redis for tests: native (docker does not say which images it has: Cannot connect to the Docker daemon)",
  ]);
});

it("loads an image where containers alone are wanted, and the run says so before", async () => {
  engine.loseImages("redis:7.2");
  const run = await runWith({ AMC_STACK_RUNNER: "containers" });
  expect(run.said).toEqual([
    "Redis for tests: loading redis:7.2, because AMC_STACK_RUNNER is containers",
    expect.stringContaining("in containers"),
  ]);
});

it("needs the image of PostgreSQL for the registry, which keeps its schemas there", async () => {
  engine.loseImages("apicurio/apicurio-registry:3.3.3", "postgres:18.4");
  engine.refuseStarts();
  const run = await runWith({ AMC_STACK_RUNNER: "containers" }, ["registry"]);
  expect(run.said[0]).toContain("loading apicurio/apicurio-registry:3.3.3, postgres:18.4,");
});

it("is absent, with the reason, where containers alone are wanted and fail", async () => {
  engine.refuseStarts();
  const run = await runWith({ AMC_STACK_RUNNER: "containers" });
  expect(run.answers).toEqual([
    {
      address: null,
      skipped:
        " (needs Redis: containers failed: Error response from daemon: no space left on device)",
    },
  ]);
  expect(run.said).toEqual([expect.stringContaining("AMC_STACK_RUNNER is containers")]);
});

it("is native, without a question to Docker, where processes are wanted", async () => {
  const run = await runWith({ AMC_STACK_RUNNER: "processes" });
  expect(run.said).toEqual(["Redis for tests: native (AMC_STACK_RUNNER is processes)"]);
  expect(engine.calls()).toEqual([]);
});
