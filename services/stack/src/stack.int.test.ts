import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brokerList } from "@amc/platform/log/kafka/connection";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { WORK_GROUP_NAMES } from "@amc/schemas/work-groups";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stackHome } from "./home.ts";
import { findJavas } from "./java.ts";
import { askCluster, openAdmin } from "./kafka/admin.ts";
import { markedProcesses } from "./processes/marks.ts";
import { runningProcess } from "./processes/records.ts";
import { listeningAddresses } from "./testing/listening.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
/** A first run has everything to fetch. */
const FIRST_UP_MS = 300_000;
const UP_MS = 120_000;

/** With dead letters and changelogs. */
const TOPICS_OF_ALL = 2 * TOPIC_NAMES.length + WORK_GROUP_NAMES.length;

const hasJava = findJavas(undefined).length > 0;
const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

interface Answer {
  readonly exitCode: number;
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: string;
}

/** Runs the command as a person would, without what this machine may have given. */
function stack(
  home: string,
  args: readonly string[],
  given: Record<string, string> = {},
): Promise<Answer> {
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, ...given };
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const words = [MAIN, ...args, "--home", home, "--json"];
  execFile(process.execPath, words, { env, cwd: tmpdir() }, (error, stdout, stderr) => {
    const exitCode = error === null ? 0 : Number(error.code ?? -1);
    const lines = stdout.trim() === "" ? [] : stdout.trim().split("\n");
    resolve({ exitCode, lines: lines.map((line) => JSON.parse(line)), stderr });
  });
  return promise;
}

const partsOf = ({ lines }: Answer) => lines.filter(({ type }) => type === "part");
const statesOf = (answer: Answer) =>
  Object.fromEntries(partsOf(answer).map(({ part, state }) => [part, state]));

function variable(home: string, name: string): string {
  const text = readFileSync(join(home, "stack.env"), "utf8");
  return new RegExp(`^${name}=(.+)$`, "m").exec(text)?.[1] ?? "";
}

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "amc-stack-"));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

const allThere = hasJava && hasRedis;

describe.skipIf(!allThere)("the stack (needs Java 17 or later and redis-server)", () => {
  const home = () => join(root, "one");
  let first: Answer;

  beforeAll(async () => {
    first = await stack(home(), ["up"]);
  }, FIRST_UP_MS);

  afterAll(async () => {
    await stack(home(), ["down", "--purge"]);
  });

  it("is up with all four parts, its topics and its schemas", async () => {
    expect(first.exitCode, JSON.stringify(first)).toBe(0);
    expect(statesOf(first)).toEqual({
      kafka: "started",
      registry: "started",
      postgres: "started",
      redis: "started",
    });
    const topics = await topicNames(home());
    expect(topics).toContain("market.price-tick.v1");
    expect(topics).toContain("market.price-tick.v1.dlq");
  });

  it("says on a second up what is running, and starts nothing", async () => {
    const before = markedProcesses(stackHome(home())).length;
    const second = await stack(home(), ["up"]);
    expect(second.exitCode).toBe(0);
    expect(new Set(Object.values(statesOf(second)))).toEqual(new Set(["running"]));
    expect(partsOf(second).map(({ pids }) => pids)).toEqual(partsOf(first).map(({ pids }) => pids));
    expect(Math.abs(markedProcesses(stackHome(home())).length - before)).toBeLessThan(20);
  });

  it("answers for every part when asked how it stands, without showing a password", async () => {
    const status = await stack(home(), ["status"]);
    expect(status.exitCode).toBe(0);
    expect(Object.values(statesOf(status))).toEqual(["running", "running", "running", "running"]);
    const password = new URL(variable(home(), "DATABASE_URL")).password;
    expect(password.length).toBeGreaterThan(20);
    expect(JSON.stringify([first, status])).not.toContain(password);
  });

  it.skipIf(process.platform !== "linux")(
    "listens on loopback and nowhere else (needs /proc)",
    () => {
      // 127.0.0.1, alone and mapped into IPv6, as the kernel writes it.
      const loopback = new Set(["0100007F", "0000000000000000FFFF00000100007F"]);
      const addresses = listeningAddresses(stackHome(home()));
      expect(addresses.length).toBeGreaterThanOrEqual(5);
      expect(addresses.filter((address) => !loopback.has(address))).toEqual([]);
    },
  );

  it("creates no topic that somebody only asks for", async () => {
    const admin = openAdmin({ brokers: brokerList(variable(home(), "KAFKA_BROKERS")) }, 0);
    const question = { topics: ["misspelt.topic"], autocreateTopics: true };
    await expect(admin.metadata(question)).rejects.toThrow(/unknown topic/i);
    await admin.close();
    expect(await topicNames(home())).not.toContain("misspelt.topic");
  });

  it("names a topic that is not as the table says, with setting, is and should", async () => {
    const answer = await stack(home(), ["up"], { AMC_PARTITIONS: "5" });
    expect(answer.exitCode).toBe(1);
    expect(answer.stderr).toContain("market.halt.v1: partitions is 4, should be 5");
    expect(Object.values(statesOf(answer))).toEqual(["running", "running", "running", "running"]);
    expect(answer.stderr).toContain("stack.topics-differ");
  });

  it(
    "keeps a schema's id when the registry is killed",
    async () => {
      const url = variable(home(), "SCHEMA_REGISTRY_URL");
      const schema = '{"type":"record","name":"Kept","fields":[{"name":"n","type":"long"}]}';
      const registry = new RegistryClient({ url });
      const id = await registry.register("kept-value", schema);
      const record = runningProcess(stackHome(home()), "registry");
      process.kill(record?.pid ?? 0, "SIGKILL");
      await expect.poll(() => runningProcess(stackHome(home()), "registry")).toBeNull();
      const again = await stack(home(), ["up", "--only", "registry"]);
      expect(statesOf(again)).toEqual({ registry: "started" });
      expect(await registry.register("kept-value", schema)).toBe(id);
      expect(await registry.schemaOf(id)).toContain("Kept");
    },
    UP_MS,
  );

  it("refuses a schema that cannot read what was written", async () => {
    const url = variable(home(), "SCHEMA_REGISTRY_URL");
    const incompatible =
      '{"type":"record","name":"PriceTick","namespace":"amc.market","fields":[{"name":"mustHave","type":"long"}]}';
    await expect(
      new RegistryClient({ url }).register("market.price-tick.v1-value", incompatible),
    ).rejects.toMatchObject({ code: "registry.incompatible" });
  });

  it("shows the ends of its logs", async () => {
    const { lines, exitCode } = await stack(home(), ["logs", "kafka", "--lines", "5"]);
    expect(exitCode).toBe(0);
    expect(lines.map(({ name }) => name)).toEqual(["kafka-1"]);
    expect(JSON.stringify(lines)).toMatch(/kafka/i);
  });

  it("is used by another home that is given its addresses, which then starts nothing", async () => {
    const other = join(root, "given");
    const given = Object.fromEntries(
      ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "DATABASE_URL", "REDIS_URL"].map((name) => [
        name,
        variable(home(), name),
      ]),
    );
    const up = await stack(other, ["up"], given);
    expect(up.exitCode).toBe(0);
    expect(new Set(Object.values(statesOf(up)))).toEqual(new Set(["given"]));
    expect(markedProcesses(stackHome(other))).toEqual([]);
    expect((await stack(other, ["status"], given)).exitCode).toBe(0);
  });

  it(
    "has no process left after down, and has its topics again after the next up",
    async () => {
      const down = await stack(home(), ["down"]);
      expect(down.lines).toMatchObject([{ type: "down", killed: [], unrecorded: 0 }]);
      expect(markedProcesses(stackHome(home()))).toEqual([]);
      const status = await stack(home(), ["status"]);
      expect(status.exitCode).toBe(1);
      expect(new Set(Object.values(statesOf(status)))).toEqual(new Set(["stopped"]));
      const again = await stack(home(), ["up", "--only", "kafka,postgres,redis"]);
      expect(again.lines).toContainEqual({
        type: "topics",
        detail: `0 created, ${TOPICS_OF_ALL} as the table says`,
      });
    },
    UP_MS,
  );

  it("ends what a killed up has left without a record", async () => {
    const records = ["kafka-1", "postgres", "redis"].map((name) =>
      join(home(), "run", `${name}.json`),
    );
    for (const record of records) rmSync(record);
    const down = await stack(home(), ["down", "--purge"]);
    expect(down.lines).toMatchObject([{ type: "down", stopped: [], purged: true }]);
    expect(Number(down.lines[0]?.unrecorded)).toBeGreaterThanOrEqual(records.length);
    expect(markedProcesses(stackHome(home()))).toEqual([]);
    expect(existsSync(home())).toBe(false);
  });
});

describe.skipIf(!hasJava)("a stack of three brokers (needs Java 17 or later)", () => {
  const home = () => join(root, "three");

  afterAll(async () => {
    await stack(home(), ["down", "--purge"]);
  });

  it(
    "keeps three copies of every topic, and has a killed broker back after the next up",
    async () => {
      const up = await stack(home(), ["up", "--only", "kafka", "--brokers", "3"]);
      expect(statesOf(up)).toEqual({ kafka: "started" });
      const brokers = brokerList(variable(home(), "KAFKA_BROKERS"));
      expect(brokers).toHaveLength(3);
      const admin = openAdmin({ brokers }, 3);
      const { topics } = await admin.metadata({ topics: ["signals.features.v1"] });
      await admin.close();
      const partitions = topics.get("signals.features.v1")?.partitions ?? [];
      expect(partitions.map(({ replicas }) => replicas.length)).toEqual([3, 3, 3, 3]);

      const second = runningProcess(stackHome(home()), "kafka-2");
      process.kill(second?.pid ?? 0, "SIGKILL");
      await expect
        .poll(async () => statesOf(await stack(home(), ["status", "--only", "kafka"])), {
          timeout: 30_000,
        })
        .toEqual({ kafka: "failed" });
      const again = await stack(home(), ["up", "--only", "kafka"]);
      expect(statesOf(again)).toEqual({ kafka: "started" });
      expect(await askCluster({ brokers })).toMatchObject({ brokers: 3 });
      const other = await stack(home(), ["up", "--only", "kafka", "--brokers", "1"]);
      expect(partsOf(other)).toMatchObject([{ state: "failed", code: "stack.cluster-changed" }]);
    },
    FIRST_UP_MS,
  );
});

describe.skipIf(!hasJava)("an up that is killed half-way (needs Java 17 or later)", () => {
  const home = () => join(root, "killed");

  afterAll(async () => {
    await stack(home(), ["down", "--purge"]);
  });

  it(
    "is finished by the next one, which waits for what the first has started",
    async () => {
      const words = [MAIN, "up", "--only", "kafka", "--home", home()];
      const { PATH = "", HOME = "" } = process.env;
      const first = spawn(process.execPath, words, { env: { PATH, HOME }, stdio: "ignore" });
      const record = join(home(), "run", "kafka-1.json");
      await expect.poll(() => existsSync(record), { timeout: FIRST_UP_MS }).toBe(true);
      first.kill("SIGKILL");
      const next = await stack(home(), ["up", "--only", "kafka"]);
      expect(next.exitCode, JSON.stringify(next)).toBe(0);
      expect(statesOf(next)).toEqual({ kafka: "running" });
      expect(await topicNames(home())).toContain("ops.clock.v1");
    },
    FIRST_UP_MS,
  );
});

describe.skipIf(!hasRedis)("a home that cannot be read any more (needs redis-server)", () => {
  it("is named by every command, and removed with its processes by down --purge", async () => {
    const home = join(root, "unreadable");
    await stack(home, ["up", "--only", "redis"]);
    writeFileSync(join(home, "run", "redis.json"), "cut off");
    const status = await stack(home, ["status", "--only", "redis"]);
    expect(status.exitCode).toBe(69);
    expect(status.stderr).toMatch(
      /redis[.]json .* down --purge removes it \[stack[.]home-format\]/,
    );
    const down = await stack(home, ["down", "--purge"]);
    expect(down.lines).toMatchObject([{ unrecorded: 1, purged: true }]);
    expect(markedProcesses(stackHome(home))).toEqual([]);
    expect(existsSync(home)).toBe(false);
  });
});

describe("a part that cannot be had", () => {
  it("is named with the command that adds it, and the rest goes on", async () => {
    const home = join(root, "missing");
    const answer = await stack(home, ["up", "--only", "redis"], { PATH: "/nowhere" });
    expect(answer.exitCode).toBe(0);
    expect(partsOf(answer)).toMatchObject([
      { state: "missing", detail: expect.stringMatching(/run: .*redis/) },
    ]);
  });

  it("is not replaced by one of ours when it was given and does not answer", async () => {
    const home = join(root, "unreachable");
    const answer = await stack(home, ["up", "--only", "kafka"], { KAFKA_BROKERS: "127.0.0.1:1" });
    expect(answer.exitCode).toBe(69);
    expect(partsOf(answer)).toMatchObject([
      { state: "failed", code: "stack.given-unreachable", pids: [] },
    ]);
    expect(markedProcesses(stackHome(home))).toEqual([]);
  });
});

async function topicNames(home: string): Promise<string[]> {
  const admin = openAdmin({ brokers: brokerList(variable(home, "KAFKA_BROKERS")) }, 3);
  try {
    return await admin.listTopics();
  } finally {
    await admin.close();
  }
}
