import { freePort } from "@amc/platform/cache/testing/free-port";
import { FaultyRegistry } from "@amc/platform/registry/testing/faulty-registry";
import { describe, expect, it } from "vitest";
import { runCommand } from "../testing/run-command.ts";

/** What each service cannot work without, and nothing else (R-ENV-31). */
const NEEDED = {
  ingest: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  processor: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  projector: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "DATABASE_URL", "REDIS_URL"],
  api: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "DATABASE_URL", "REDIS_URL"],
  alerts: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  scheduler: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  "short-interest": ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  live: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "LIVE_UNIVERSE"],
} as const;

const NOTHING = { KAFKA_BROKERS: "", SCHEMA_REGISTRY_URL: "", DATABASE_URL: "", REDIS_URL: "" };

describe("run", () => {
  it.each(Object.entries(NEEDED))(
    "exits 78 and names all that %s lacks at once",
    async (...row) => {
      const [service, needed] = row;
      const { exitCode, stdout, stderr } = await runCommand(["run", service], {
        ...NOTHING,
        KAFKA_DELIVERY: "twice",
      });
      expect(exitCode).toBe(78);
      expect(stdout).toBe("");
      const named = [...stderr.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
      expect(named).toHaveLength(needed.length + 1);
      expect(new Set(named)).toEqual(new Set([...needed, "KAFKA_DELIVERY"]));
    },
  );

  it("exits 78 and names all that text messages lack when an account for them is given alone", async () => {
    const sid = `AC${"5a".repeat(16)}`;
    const { exitCode, stderr } = await runCommand(["run", "alerts"], {
      ...{ KAFKA_BROKERS: "127.0.0.1:1", SCHEMA_REGISTRY_URL: "http://127.0.0.1:1" },
      TWILIO_ACCOUNT_SID: sid,
    });
    expect(exitCode).toBe(78);
    const named = [...stderr.matchAll(/^ {2}([A-Z_]+): is missing/gm)].map(([, name]) => name);
    expect(named).toEqual(["TWILIO_AUTH_TOKEN", "TWILIO_FROM_NUMBER", "TWILIO_RECIPIENTS"]);
    expect(stderr).not.toContain(sid);
  });

  const NOBODY = {
    ...{ KAFKA_BROKERS: "127.0.0.1:9", SCHEMA_REGISTRY_URL: "http://127.0.0.1:9" },
    ...{ DATABASE_URL: "postgres://127.0.0.1:9/amc", REDIS_URL: "redis://127.0.0.1:9" },
  };

  it.each([
    ["api", { AMC_API_KEYS: "hunter2", HOST: "0.0.0.0", PORT: "abc" }, ["AMC_API_KEYS", "PORT"]],
    ["api", { HOST: "0.0.0.0", AMC_PARTITIONS: "0" }, ["AMC_PARTITIONS", "HOST"]],
    ["api", { HOST: "0.0.0.0", AMC_API_KEYS: "[]" }, ["HOST"]],
    ["live", { LIVE_UNIVERSE: "G M E", LOG_LEVEL: "loud" }, ["LIVE_UNIVERSE", "LOG_LEVEL"]],
    ["live", { LIVE_UNIVERSE: "market" }, ["LIVE_UNIVERSE"]],
    ["live", { LIVE_UNIVERSE: "GME", YAHOO_FINANCE_ENABLED: "false" }, ["POLYGON_API_KEY"]],
  ])("exits 78 before any server is asked when %s is given %o, and names all", async (...row) => {
    const [service, given, named] = row;
    const { exitCode, stderr } = await runCommand(["run", service], { ...NOBODY, ...given });
    expect(exitCode, stderr).toBe(78);
    const told = [...stderr.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
    expect(told).toHaveLength(named.length);
    expect(new Set(told)).toEqual(new Set(named));
    expect(stderr).not.toContain("hunter2");
  });

  it("starts no instance when the configuration of all is wrong", async () => {
    const words = ["run", "processor", "--instances", "3", "--json"];
    const { exitCode, stdout, stderr } = await runCommand(words, NOTHING);
    expect([exitCode, stdout]).toEqual([78, ""]);
    expect(stderr.match(/KAFKA_BROKERS/g)).toHaveLength(1);
  });

  it("exits 64 for a service that there is not, and names those there are", async () => {
    const { exitCode, stderr } = await runCommand(["run", "gateway"]);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(
      "ingest, processor, projector, api, alerts, scheduler, short-interest, live",
    );
  });

  it("exits 69 and says which server does not answer", async () => {
    // Nobody listens at the port of discard.
    const { exitCode, stderr } = await runCommand(["run", "processor"], {
      ...{ KAFKA_BROKERS: "127.0.0.1:9", SCHEMA_REGISTRY_URL: "http://127.0.0.1:9" },
      OPERATIONS_PORT: "0",
    });
    expect(exitCode).toBe(69);
    expect(stderr).toContain("[registry.unavailable]");
  });

  it.each([
    ["true", 200],
    ["false", 404],
  ])("answers /metrics as PROMETHEUS_METRICS_ENABLED=%s says, with %i", async (enabled, status) => {
    const stop = new AbortController();
    const port = await freePort();
    const answered: number[] = [];
    // It asks for its schemas once its port for probes is open.
    const silent = await FaultyRegistry.open(() => {
      void fetch(`http://127.0.0.1:${port}/metrics`).then(({ status: said }) => {
        answered.push(said);
        stop.abort();
      });
    });
    const environment = {
      ...{ ...NOBODY, SCHEMA_REGISTRY_URL: silent.url },
      // The ports of ingest, which is the first service.
      OPERATIONS_PORT: String(port),
      PROMETHEUS_METRICS_ENABLED: enabled,
    };
    await runCommand(["run", "ingest"], environment, ".", stop.signal);
    expect(answered).toEqual([status]);
    await silent.close();
  });

  it.each(["processor", "projector", "api"])(
    "ends with 0 at the first Ctrl-C while %s waits for a server that takes questions and is silent",
    async (service) => {
      const stop = new AbortController();
      const silent = await FaultyRegistry.open(() => stop.abort());
      const servers = {
        DATABASE_URL: "postgres://127.0.0.1:9/amc",
        REDIS_URL: "redis://127.0.0.1:9",
      };
      const environment = {
        ...{ KAFKA_BROKERS: "127.0.0.1:9", SCHEMA_REGISTRY_URL: silent.url, ...servers },
        ...{ OPERATIONS_PORT: "0", PORT: "0" },
      };
      const words = ["run", service];
      const { exitCode, stderr } = await runCommand(words, environment, ".", stop.signal);
      expect(silent.asked).toHaveLength(1);
      expect(exitCode, stderr).toBe(0);
      await silent.close();
    },
  );
});
