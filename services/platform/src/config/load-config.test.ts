import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { KeyStore } from "../keys/key-store.ts";
import { parseMasterKeys } from "../keys/master-key.ts";
import { ConfigError } from "./config-error.ts";
import { effectiveDiscovery, loadConfig, printableConfig } from "./load-config.ts";
import { STORABLE_KEYS } from "./provider-variables.ts";
import { problemsOf } from "./testing/problems-of.ts";
import { bytesOf } from "./variable-kinds.ts";

/** What the API cannot work without, and the strategy that was given as nothing. */
const API_NEEDS = [
  ...["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "DATABASE_URL", "REDIS_URL"],
  "SCORING_STRATEGY",
];

describe("configuration", () => {
  it("has a default for everything, so that npm start needs no file", () => {
    const variables = loadConfig({});
    expect(variables.SCORING_STRATEGY).toBe("unified_detectors");
    expect(variables.SCORING_PROFILE).toBe("strict");
    expect(variables.DISCOVERY_FREQUENCY_MINUTES).toBe(15);
    expect(variables.MAX_CANDIDATES_PER_DISCOVERY).toBe(100);
    expect(variables.HOST).toBe("127.0.0.1");
    expect(variables.DATABASE_URL).toBeUndefined();
  });

  it("names every problem at once and repeats no value", () => {
    const problems = problemsOf({
      PORT: "s3cret",
      DISCOVERY_FREQUENCY_MINUTES: "0",
      DATABASE_URL: "mysql://user:hunter2@host/db",
      REDIS_URL: "redis://:hunter2@host/3",
      SCHEMA_REGISTRY_URL: "http://amc:hunter2@host?x=1",
      AB_TESTING_TRAFFIC_SPLIT: '{"unified_detectors":90}',
    });
    expect(problems.map(({ variable }) => variable).sort()).toEqual([
      "AB_TESTING_TRAFFIC_SPLIT",
      "DATABASE_URL",
      "DISCOVERY_FREQUENCY_MINUTES",
      "PORT",
      "REDIS_URL",
      "SCHEMA_REGISTRY_URL",
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/s3cret|hunter2/);
  });

  it("refuses a shadow strategy that is the one in force, and a misspelt one (R-ENV-29)", () => {
    expect(loadConfig({}).SHADOW_TESTING_ENABLED).toBe(false);
    const same = { SCORING_STRATEGY: "legacy_v0", SHADOW_STRATEGY: "legacy_v0" };
    expect(problemsOf(same)).toEqual([]);
    const enabled = problemsOf({ ...same, SHADOW_TESTING_ENABLED: "true" });
    expect(enabled.map(({ variable }) => variable)).toEqual(["SHADOW_STRATEGY"]);
    const misspelt = problemsOf({ SHADOW_STRATEGY: "legacy", SHADOW_TESTS: "true" });
    expect(misspelt.map(({ variable }) => variable)).toEqual(["SHADOW_STRATEGY", "SHADOW_TESTS"]);
  });

  it("reads memory in MB and GB, and refuses at the start what is none, too little or too much (R-ENV-16)", () => {
    const bytes = (text: string) =>
      bytesOf(loadConfig({ SHORT_INTEREST_MEMORY_LIMIT: text }).SHORT_INTEREST_MEMORY_LIMIT);
    expect(bytes("")).toBe(536_870_912);
    expect(bytes("64MB")).toBe(67_108_864);
    expect(bytes("2GB")).toBe(2_147_483_648);
    const wrong = ["512", "512M", "512 MB", "-1GB", "0MB", "1.5GB", "63MB", "17GB", "999999999MB"];
    for (const SHORT_INTEREST_MEMORY_LIMIT of wrong) {
      expect(problemsOf({ SHORT_INTEREST_MEMORY_LIMIT })).toMatchObject([
        { variable: "SHORT_INTEREST_MEMORY_LIMIT" },
      ]);
    }
  });

  it("takes every way to write a database's address, and refuses what is none without repeating it", () => {
    const urls = ["localhost/amc", "u:p@[::1]:5432/amc", "u@/amc?host=/run/postgresql", "/amc"];
    for (const rest of urls) expect(problemsOf({ DATABASE_URL: `postgres://${rest}` })).toEqual([]);
    for (const rest of [
      "u:hunter2@host:port/amc",
      "u:hunter2@host:99999/amc",
      "u:hunter2@[::1/amc",
    ]) {
      const problems = problemsOf({ DATABASE_URL: `postgresql://${rest}` });
      expect(problems.map(({ variable }) => variable)).toEqual(["DATABASE_URL"]);
      expect(JSON.stringify(problems)).not.toContain("hunter2");
    }
  });

  it("refuses user and password where they would be sent to nobody, and says where they belong", () => {
    const problems = problemsOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://amc:hunter2@collector.example:4318",
      MAVEN_REPOSITORY: "https://amc:hunter2@maven.example/maven2",
    });
    expect(problems).toMatchObject([
      { variable: "MAVEN_REPOSITORY", message: expect.stringContaining("without") },
      {
        variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
        message: expect.stringContaining("OTEL_EXPORTER_OTLP_HEADERS takes authorization="),
      },
    ]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
    const plain = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example:4318" };
    expect(problemsOf({ ...plain, MAVEN_REPOSITORY: "https://maven.example/maven2" })).toEqual([]);
  });

  it("prints a feed that somebody chose without what may be a key in it, and ours whole", () => {
    const printed = (environment: Readonly<Record<string, string>>) =>
      printableConfig(loadConfig(environment)).find(({ name }) => name === "NEWS_FEED_URL")?.value;
    expect(printed({})).toContain("yahoo.com/rss/2.0/headline?s={symbol}");
    const chosen = printed({ NEWS_FEED_URL: "https://feeds.example/k1/{symbol}?token=k2" });
    expect(chosen).toBe("https://feeds.example/… (redacted)");
  });

  it("refuses a variable of ours that does not exist, which is always a typing error", () => {
    expect(problemsOf({ SCORING_PROFLE: "strict" })).toEqual([
      expect.objectContaining({ variable: "SCORING_PROFLE" }),
    ]);
    expect(problemsOf({ EDITOR: "vi", NPM_CONFIG_X: "1" })).toEqual([]);
  });

  it("refuses to run without breakers outside development", () => {
    expect(problemsOf({ DEV_CIRCUIT_BREAKER_DISABLED: "true" })).toHaveLength(1);
    expect(problemsOf({ DEV_CIRCUIT_BREAKER_DISABLED: "true", NODE_ENV: "development" })).toEqual(
      [],
    );
  });

  it("runs every five minutes and keeps ten candidates in development only", () => {
    expect(effectiveDiscovery(loadConfig({}))).toEqual({
      frequencyMinutes: 15,
      maxCandidates: 100,
    });
    expect(effectiveDiscovery(loadConfig({ NODE_ENV: "development" }))).toEqual({
      frequencyMinutes: 5,
      maxCandidates: 10,
    });
  });

  it("reads a secret from a file, and says which file it cannot read", () => {
    const directory = mkdtempSync(join(tmpdir(), "amc-config-"));
    try {
      const path = join(directory, "url");
      writeFileSync(path, "postgres://reader:hunter2@localhost/amc\n");
      const variables = loadConfig({ DATABASE_URL_FILE: path });
      expect(variables.DATABASE_URL).toBe("postgres://reader:hunter2@localhost/amc");
      expect(JSON.stringify(printableConfig(variables))).not.toContain("hunter2");
      expect(problemsOf({ DATABASE_URL_FILE: join(directory, "none") })[0]?.variable).toBe(
        "DATABASE_URL_FILE",
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("refuses to switch on what no source is connected for, and says so (R-ING-23, R-ENV-15)", () => {
    const names = [
      "ENABLE_INSTITUTIONAL_HOLDINGS",
      "ENABLE_SHORT_BORROW_RATES",
      "ENABLE_SHORT_INTEREST_PREDICTIONS",
    ] as const;
    for (const name of names) {
      expect(loadConfig({})[name]).toBe(false);
      expect(loadConfig({ [name]: "false" })[name]).toBe(false);
      expect(problemsOf({ [name]: "true" })).toEqual([
        { variable: name, message: expect.stringContaining("must be false") },
      ]);
    }
    expect(loadConfig({}).SHORT_INTEREST_HISTORICAL_DEPTH).toBe(365);
  });

  it("takes a stored key where neither variable nor file gives one, and names a store that it cannot open", () => {
    const directory = mkdtempSync(join(tmpdir(), "amc-config-"));
    try {
      const AMC_KEY_STORE = join(directory, "keys.json");
      const [right = "", wrong = ""] = [1, 2].map((byte) =>
        Buffer.alloc(32, byte).toString("base64"),
      );
      new KeyStore({ path: AMC_KEY_STORE, masters: parseMasterKeys(right) }).set(
        ...(["POLYGON_API_KEY", "hunter2", "2026-01-02T03:04:05.000Z"] as const),
      );
      const stored = { AMC_KEY_STORE, API_KEY_ENCRYPTION_KEY: right };
      expect(loadConfig(stored, "ingest-prices").POLYGON_API_KEY).toBe("hunter2");
      expect(JSON.stringify(printableConfig(loadConfig(stored)))).not.toContain("hunter2");
      expect(loadConfig({ ...stored, POLYGON_API_KEY: "other" }).POLYGON_API_KEY).toBe("other");
      writeFileSync(join(directory, "key"), "of a file\n");
      const fromFile = { ...stored, POLYGON_API_KEY_FILE: join(directory, "key") };
      expect(loadConfig(fromFile).POLYGON_API_KEY).toBe("of a file");
      const opened = { ...stored, API_KEY_ENCRYPTION_KEY: wrong };
      expect(problemsOf(opened)).toEqual([
        {
          variable: "API_KEY_ENCRYPTION_KEY",
          message: expect.stringContaining("[keys.wrong-master-key]"),
        },
      ]);
      expect(problemsOf({ ...opened, API_KEY_ENCRYPTION_KEY: "hunter2" })).toEqual([
        { variable: "API_KEY_ENCRYPTION_KEY", message: expect.not.stringContaining("hunter2") },
      ]);
      writeFileSync(AMC_KEY_STORE, "{}");
      expect(problemsOf(stored)).toEqual([
        { variable: "AMC_KEY_STORE", message: expect.stringContaining("[keys.file]") },
      ]);
      // Who gives every key needs no store.
      const all = Object.fromEntries(STORABLE_KEYS.map((name) => [name, "a"]));
      expect(problemsOf({ ...stored, ...all })).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("names every variable that is empty although the role needs it (R-ENV-31)", () => {
    const environment = { SCORING_STRATEGY: "", DATABASE_URL: "", HOST: "" };
    expect(() => loadConfig(environment, "system")).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({ variable: "SCORING_STRATEGY" }),
          expect.objectContaining({ variable: "DATABASE_URL" }),
        ],
      }),
    );
    // A command that starts nothing takes what is empty as not given.
    expect(loadConfig(environment)).toMatchObject({ SCORING_STRATEGY: "unified_detectors" });
    expect(loadConfig({}, "system").DATABASE_URL).toBeUndefined();
  });

  it("names what is missing to log in at Kafka or to write by kafkajs, and refuses a password over a network without TLS", () => {
    const named = (environment: Record<string, string>) =>
      problemsOf(environment).map(({ variable }) => variable);
    const remote = { KAFKA_BROKERS: "kafka-1:9092,kafka-2:9092" };
    const login = { KAFKA_USERNAME: "amc-processor", KAFKA_PASSWORD: "hunter2" };
    expect(named({ ...remote, KAFKA_USERNAME: "amc-processor" })).toEqual([
      "KAFKA_PASSWORD",
      "KAFKA_TLS",
    ]);
    expect(named({ ...remote, KAFKA_PASSWORD: "hunter2" })).toEqual(["KAFKA_USERNAME"]);
    expect(named(login)).toEqual(["KAFKA_BROKERS"]);
    expect(named({ KAFKA_TLS: "true" })).toEqual(["KAFKA_BROKERS"]);
    expect(named({ ...remote, ...login })).toEqual(["KAFKA_TLS"]);
    expect(named({ ...remote, ...login, KAFKA_TLS: "true" })).toEqual([]);
    expect(named({ KAFKA_BROKERS: "127.0.0.1:9092", ...login })).toEqual([]);
    expect(named({ ...remote, KAFKA_SASL_MECHANISM: "PLAIN" })).toEqual(["KAFKA_SASL_MECHANISM"]);
    const byKafkajs = { ...remote, KAFKA_TRANSACTIONS_BY: "kafkajs" };
    expect(named(byKafkajs)).toEqual(["KAFKA_TRANSACTIONS_BY"]);
    expect(named({ ...byKafkajs, KAFKA_DELIVERY: "transactional" })).toEqual([]);
  });

  it("names everything that text messages lack, takes them from files, and shows none of it", () => {
    const sid = `AC${"0f".repeat(16)}`;
    const numbers = "+44770090100, +44770090101,+44770090100";
    const whole = {
      ...{ TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: "hunter2" },
      ...{ TWILIO_FROM_NUMBER: "+44770090199", TWILIO_RECIPIENTS: numbers },
    };
    const named = (environment: Record<string, string>) =>
      problemsOf(environment).map(({ variable }) => variable);
    expect(named({ TWILIO_ACCOUNT_SID: sid })).toEqual([
      ...["TWILIO_AUTH_TOKEN", "TWILIO_FROM_NUMBER", "TWILIO_RECIPIENTS"],
    ]);
    expect(named({ ...whole, TWILIO_ACCOUNT_SID: "" })).toEqual(["TWILIO_ACCOUNT_SID"]);
    expect(named(whole)).toEqual([]);
    expect(loadConfig(whole).TWILIO_RECIPIENTS).toEqual(["+44770090100", "+44770090101"]);
    const wrong = { TWILIO_FROM_NUMBER: "7700900100", TWILIO_RECIPIENTS: "+44770090100;+1" };
    expect(named({ ...whole, ...wrong })).toEqual(["TWILIO_FROM_NUMBER", "TWILIO_RECIPIENTS"]);
    expect(named({ ...whole, TWILIO_BASE_URL: "http://api.twilio.com" })).toEqual([
      "TWILIO_BASE_URL",
    ]);
    const printed = JSON.stringify([
      printableConfig(loadConfig(whole)),
      problemsOf({ ...whole, ...wrong }),
    ]);
    for (const secret of [sid, "hunter2", "7700900"]) expect(printed).not.toContain(secret);
  });

  it("refuses to send a provider's key over a network without TLS, and names no key", () => {
    const problems = (base: string) =>
      problemsOf({
        ...{ POLYGON_API_KEY: "hunter2", POLYGON_BASE_URL: base },
        ...{ ALPHA_VANTAGE_API_KEY: "hunter2", ALPHA_VANTAGE_BASE_URL: base },
        ...{ ANTHROPIC_API_KEY: "hunter2", ANTHROPIC_BASE_URL: base },
      });
    expect(problems("http://proxy.example").map(({ variable }) => variable)).toEqual([
      ...["ALPHA_VANTAGE_BASE_URL", "POLYGON_BASE_URL", "ANTHROPIC_BASE_URL"],
    ]);
    expect(JSON.stringify(problems("http://localhost.example:8080"))).not.toContain("hunter2");
    for (const good of ["https://proxy.example", "http://127.0.0.1:8080", "http://localhost/q"]) {
      expect(problems(good), good).toEqual([]);
    }
    expect(problems("http://localhost.example:8080")).toHaveLength(3);
    expect(problemsOf({ POLYGON_BASE_URL: "http://proxy.example" })).toEqual([]);
  });

  it("takes certificates of authorities, and refuses text that is none", () => {
    const garbage = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    expect(problemsOf({ AMC_TLS_CA: "hunter2" })).toHaveLength(1);
    expect(problemsOf({ AMC_TLS_CA: garbage })).toHaveLength(1);
    expect(problemsOf({ AMC_TLS_CA: rootCertificates.slice(0, 2).join("\n") })).toEqual([]);
  });

  it("prints who logs in at Kafka and not with what", () => {
    const variables = loadConfig({
      KAFKA_BROKERS: "127.0.0.1:9092",
      KAFKA_USERNAME: "amc-processor",
      KAFKA_PASSWORD: "hunter2",
    });
    const printed = JSON.stringify(printableConfig(variables));
    expect(printed).toContain("amc-processor");
    expect(printed).not.toContain("hunter2");
  });

  it("gives Anthropic no more time than the head of an answer is waited for", () => {
    expect(loadConfig({ ANTHROPIC_TIMEOUT: "300" }).ANTHROPIC_TIMEOUT).toBe(300);
    expect(() => loadConfig({ ANTHROPIC_TIMEOUT: "301" })).toThrow(/ANTHROPIC_TIMEOUT/);
  });

  it.each([
    ["ingest-options", {}, ["ALPHA_VANTAGE_API_KEY"]],
    ["ingest-prices", { POLYGON_API_KEY: "" }, ["POLYGON_API_KEY"]],
    ["insight", {}, ["ANTHROPIC_API_KEY"]],
    ["insight", { MOCK_ANTHROPIC_DATA_ENABLED: "true" }, []],
    ["alerts-slack", {}, ["SLACK_WEBHOOK_URL"]],
    ["ingest-short-interest", { FINRA_API_BASE_URL: "" }, ["FINRA_API_BASE_URL"]],
    // FINRA's public data sets need no key.
    ["ingest-short-interest", {}, []],
    ["api", { SCORING_STRATEGY: "" }, API_NEEDS],
    ["projector", { DATABASE_URL: "postgres://h/d" }, API_NEEDS.slice(0, 2).concat("REDIS_URL")],
  ] as const)(
    "refuses to start %s with %j, naming all that is missing and nothing else (R-ENV-31)",
    (role, environment, missing) => {
      const refused = () => {
        try {
          loadConfig(environment, role);
        } catch (error) {
          if (error instanceof ConfigError) return error.problems.map(({ variable }) => variable);
          throw error;
        }
        return [];
      };
      expect(refused()).toEqual(missing);
    },
  );
});
