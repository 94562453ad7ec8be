import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@amc/platform/cache/testing/free-port";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testPart } from "../testing/test-part.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const FAKE_DOCKER = fileURLToPath(new URL("./fake-docker.sh", import.meta.url));
const COMPOSE_FILE = fileURLToPath(new URL("../../../../docker-compose.yml", import.meta.url));

/** What the port of the container leads to: a real Redis, so that it is one that answers. */
const redis = await testPart("redis");
const redisPort = Number(new URL(redis.address ?? "redis://127.0.0.1:1").port);

const ENGINE = "version --format {{.Server.Version}}";
const PLUGIN = "compose version --short";
const compose = (words: string) =>
  `compose --project-name amc --file ${COMPOSE_FILE} --profile core ${words}`;
const LIST = compose("ps --all --format json");
const UP = compose("up --detach --wait --wait-timeout 180 redis");

interface Answer {
  readonly exitCode: number;
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: string;
}

/** The folder of a user who has a `docker` on the path that answers as it was told. */
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "amc-containers-"));
  mkdirSync(join(root, "bin"));
  copyFileSync(FAKE_DOCKER, join(root, "bin", "docker"));
  tell("engine", "28.2.2");
  tell("compose", "2.26.1-4");
  tell("containers", "");
});

afterEach(async () => {
  // Ends the processes of tests that start some.
  await stack(["down", "--purge"]);
  rmSync(root, { recursive: true });
});

function tell(question: string, answer: string): void {
  writeFileSync(join(root, "bin", question), `${answer}\n`);
}

function keepSilentAbout(question: string): void {
  rmSync(join(root, "bin", question));
}

/** One line of `docker compose ps` as version 2.26 prints it, shortened. */
function redisContainer(State: string, PublishedPort: number): string {
  return JSON.stringify({
    ...{ Name: "amc-redis-1", Service: "redis", State, ExitCode: 0 },
    Health: State === "running" ? "healthy" : "",
    Publishers: [{ URL: "127.0.0.1", TargetPort: 6379, PublishedPort, Protocol: "tcp" }],
  });
}

/** What was asked of docker since the last look. */
function calls(): string[] {
  const path = join(root, "bin", "calls");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").trim().split("\n");
  rmSync(path);
  return lines;
}

/** Runs the command as a person would who has set these variables. */
function read(args: readonly string[], set: Record<string, string> = {}) {
  const PATH = [join(root, "bin"), process.env.PATH ?? ""].join(delimiter);
  const answer = Promise.withResolvers<{ exitCode: number; stdout: string; stderr: string }>();
  const options = { env: { PATH, HOME: root, ...set }, cwd: root };
  execFile(process.execPath, [MAIN, ...args], options, (error, stdout, stderr) => {
    answer.resolve({ exitCode: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
  });
  return answer.promise;
}

/** The same as a script would. */
async function stack(args: readonly string[], set: Record<string, string> = {}): Promise<Answer> {
  const { exitCode, stdout, stderr } = await read([...args, "--json"], set);
  const lines = stdout.trim() === "" ? [] : stdout.trim().split("\n");
  return { exitCode, lines: lines.map((line) => JSON.parse(line)), stderr };
}

const partOf = ({ lines }: Answer) => lines.find(({ type }) => type === "part");
const runnerOf = ({ lines }: Answer) => lines.find(({ type }) => type === "stack")?.runner;

describe.skipIf(redis.address === null)(`a stack where an engine answers${redis.skipped}`, () => {
  const up = () => stack(["up", "--only", "redis"]);
  const upInContainers = () => {
    tell("after-up", redisContainer("running", redisPort));
    return up();
  };

  it("starts core of docker-compose.yml, waits until it is healthy and asks it", async () => {
    const first = await upInContainers();
    expect(first.exitCode, first.stderr).toBe(0);
    expect(partOf(first)).toMatchObject({
      state: "started",
      address: `redis://127.0.0.1:${redisPort}`,
      detail: expect.stringContaining("amc-redis-1"),
    });
    expect(calls()).toEqual([ENGINE, PLUGIN, LIST, UP, LIST, LIST]);
    const stackLine = first.lines.find(({ type }) => type === "stack");
    expect(stackLine?.runner).toBe("containers");
    const addresses = readFileSync(String(stackLine?.env), "utf8");
    expect(addresses).toContain(`REDIS_URL=redis://127.0.0.1:${redisPort}\n`);
  });

  it("says on a second up what is running, without asking again what to run it with", async () => {
    await upInContainers();
    calls();
    const second = await up();
    expect(partOf(second)).toMatchObject({ state: "running" });
    expect(calls()).toEqual([LIST, UP, LIST, LIST]);
  });

  it("answers status and logs from the containers", async () => {
    await upInContainers();
    // As compose 2.26 prints a line: with the code that clears a terminal's.
    tell("log", "\u001b[2KReady to accept connections tcp");
    expect(partOf(await stack(["status", "--only", "redis"]))).toMatchObject({ state: "running" });
    calls();
    const logs = await stack(["logs", "redis", "--lines", "5"]);
    expect(logs.lines).toEqual([
      {
        ...{ type: "log", name: "amc-redis-1", path: null },
        lines: ["Ready to accept connections tcp"],
      },
    ]);
    expect(calls()).toEqual([LIST, compose("logs --no-color --no-log-prefix --tail 5 redis")]);
  });

  it("stops and removes on down, keeps the volumes, and takes them on a purge", async () => {
    await upInContainers();
    calls();
    const down = await stack(["down"]);
    expect(down.lines).toMatchObject([{ type: "down", stopped: ["redis"], killed: [] }]);
    expect(calls()).toEqual([LIST, compose("stop redis"), LIST, compose("down")]);
    const purge = await stack(["down", "--purge"]);
    expect(purge.lines).toMatchObject([{ type: "down", stopped: [], purged: true }]);
    expect(calls()).toEqual([LIST, compose("down --volumes")]);
  });

  it("takes away one part and leaves the others", async () => {
    await upInContainers();
    calls();
    await stack(["down", "--only", "redis"]);
    expect(calls().at(-1)).toBe(compose("rm --force redis"));
  });

  it("ends a container that Docker would start for ever, because each start of it fails", async () => {
    tell("after-up", redisContainer("restarting", 0));
    await up();
    calls();
    const down = await stack(["down", "--only", "redis"]);
    expect(down.lines).toMatchObject([{ type: "down", stopped: ["redis"], killed: [] }]);
    // Compose removes only what is stopped.
    expect(calls()).toEqual([LIST, compose("stop redis"), LIST, compose("rm --force redis")]);
  });

  it("says of a container that has ended what it is, and names its log", async () => {
    tell("after-up", redisContainer("exited", 0));
    const answer = await up();
    expect(answer.exitCode).toBe(69);
    expect(partOf(answer)).toMatchObject({
      ...{ state: "failed", code: "stack.not-ready", address: null },
      detail: expect.stringMatching(/amc-redis-1 is exited.*stack -- logs redis/),
    });
  });

  it("refuses when Docker made nothing, names the way without it, and then takes that", async () => {
    const refused = await up();
    expect(refused.exitCode).toBe(69);
    expect(refused.stderr).toMatch(/started nothing.*\n.*--native.*\[stack[.]containers-failed\]/);
    expect(runnerOf(await stack(["up", "--only", "redis", "--native"]))).toBe("processes");
  });

  it("runs processes when asked to, and goes on with them", async () => {
    expect(runnerOf(await stack(["up", "--only", "redis", "--native"]))).toBe("processes");
    expect(runnerOf(await up())).toBe("processes");
    expect(calls()).toEqual([]);
  });

  it("runs what AMC_STACK_RUNNER says, and refuses containers without an engine", async () => {
    keepSilentAbout("engine");
    const demand = (AMC_STACK_RUNNER: string) =>
      stack(["up", "--only", "redis"], { AMC_STACK_RUNNER });
    const refused = await demand("containers");
    expect(refused.exitCode).toBe(69);
    expect(refused.stderr).toMatch(/no engine answers.*\[stack[.]containers-failed\]/);
    calls();
    expect(runnerOf(await demand("processes"))).toBe("processes");
    expect(calls()).toEqual([]);
  });

  it("does not hide what is in containers behind an empty stack of processes", async () => {
    await upInContainers();
    const refused = await stack(["up", "--only", "redis", "--native"]);
    expect(refused.exitCode).toBe(69);
    expect(refused.stderr).toContain("[stack.in-containers]");
  });

  it("does not take an engine that went away for one that never was", async () => {
    await upInContainers();
    keepSilentAbout("containers");
    const answer = await up();
    expect(answer.exitCode).toBe(69);
    expect(answer.stderr).toMatch(/Docker does not answer.*\[stack[.]containers-failed\]/);
    tell("containers", "");
  });

  it("is of processes in a folder of its own, because containers have one place only", async () => {
    const home = join(root, "own");
    expect(runnerOf(await stack(["up", "--only", "redis", "--home", home]))).toBe("processes");
    await stack(["down", "--purge", "--home", home]);
    expect(calls()).toEqual([]);
  });

  it.each([
    ["no engine answers", "engine"],
    ["there is no compose plugin", "compose"],
  ])("runs processes where %s", async (_, question) => {
    keepSilentAbout(question);
    expect(runnerOf(await up())).toBe("processes");
    expect(calls().some((call) => call.includes(" up "))).toBe(false);
  });
});

describe.skipIf(redis.address === null)(`a port that a variable names${redis.skipped}`, () => {
  const up = (AMC_REDIS_PORT?: number, ...words: readonly string[]) =>
    read(
      ["up", "--only", "redis", ...words],
      AMC_REDIS_PORT === undefined ? {} : { AMC_REDIS_PORT: String(AMC_REDIS_PORT) },
    );
  /** Ports of Redis and PostgreSQL that each start of containers was told. */
  const toldDocker = () =>
    readFileSync(join(root, "bin", "ports"), "utf8")
      .trim()
      .split("\n");

  it("is the one of the container from then on, whatever shell up is called from", async () => {
    tell("after-up", redisContainer("running", redisPort));
    const first = await up(redisPort);
    expect(first.stdout).toContain(`REDIS_URL=redis://127.0.0.1:${redisPort}`);
    await up();
    const moving = await up(redisPort + 1);
    expect(toldDocker()).toEqual(Array.from({ length: 3 }, () => `${redisPort} none`));
    expect(moving.stderr).toContain(
      `Redis stays at port ${redisPort}; AMC_REDIS_PORT moves it after npm run stack -- down --only redis\n`,
    );
    expect(first.stderr).not.toContain("stays");
  });

  it("moves a container that does not run, and is forgotten where that failed", async () => {
    tell("after-up", redisContainer("running", redisPort));
    await up(redisPort);
    await read(["down"]);
    keepSilentAbout("after-up");
    expect((await up(1)).exitCode).toBe(69);
    tell("after-up", redisContainer("running", redisPort));
    await up();
    expect(toldDocker()).toEqual([`${redisPort} none`, "1 none", `${redisPort} none`]);
  });

  it("goes natively before the one that the part had, unless it runs there", async () => {
    const [first, second] = [await freePort(), await freePort()];
    const at = async (call: ReturnType<typeof up>) => {
      const { stdout, stderr } = await call;
      return [Number(/redis:\/\/127[.]0[.]0[.]1:(\d+)/.exec(stdout)?.[1]), stderr];
    };
    expect(await at(up(first, "--native"))).toEqual([first, ""]);
    expect(await at(up(second))).toEqual([
      first,
      expect.stringContaining(`Redis stays at port ${first}; AMC_REDIS_PORT moves it`),
    ]);
    await read(["down"]);
    expect(await at(up(second))).toEqual([second, ""]);
    await read(["down"]);
    // Without the variable it stays where it was.
    expect(await at(up())).toEqual([second, ""]);
    await read(["down"]);
    const [other, told] = await at(up(redisPort));
    expect(other).not.toBe(redisPort);
    expect(told).toContain(
      `Redis is at port ${other}: it cannot have port ${redisPort} of AMC_REDIS_PORT, which is taken\n`,
    );
  });

  it("is a problem of the configuration where the brokers do not fit", async () => {
    const words = ["up", "--only", "kafka", "--brokers", "3"];
    const answer = await read(words, { AMC_KAFKA_PORT: "65534" });
    expect(answer.stderr).toContain(
      "AMC_KAFKA_PORT: leaves no ports for 3 brokers: 65533 at most\n",
    );
    expect(answer.exitCode).toBe(78);
  });

  it("is a problem of the configuration where two parts would have it", async () => {
    const port = String(await freePort());
    const answer = await read(["up", "--only", "redis"], {
      ...{ AMC_POSTGRES_PORT: port, AMC_REDIS_PORT: port },
    });
    expect(answer.stderr).toContain("AMC_REDIS_PORT: is a port of AMC_POSTGRES_PORT as well\n");
    expect(answer.exitCode).toBe(78);
    expect(calls()).toEqual([]);
  });
});
