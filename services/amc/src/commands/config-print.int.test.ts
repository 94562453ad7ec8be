import { VARIABLE_DOCS } from "@amc/platform/config/variables";
import { describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";

const SECRETS = {
  DATABASE_URL: "postgres://reader:canary-7f3a@db.example/amc",
  REDIS_URL: "redis://:canary-90e1@cache.example",
  SCHEMA_REGISTRY_URL: "http://amc:canary-11c8@registry.example",
  AMC_API_KEYS: JSON.stringify([
    {
      ...{ id: "canary-5512", client: "canary-5513", sha256: "5c".repeat(32), scopes: ["read"] },
      expiresAt: "2100-01-01T00:00:00Z",
    },
  ]),
  NEWS_FEED_URL: "https://feeds.example/canary-40d7/{symbol}?token=canary-a91e",
};

describe("amc config print", () => {
  it("shows every variable with what is in force, and of a secret only that it is set", async () => {
    const environment = { ...SECRETS, NODE_ENV: "development", DEV_MAX_CANDIDATES: "7" };
    for (const words of [["--redact"], [], ["--json"]]) {
      const { stdout, stderr, exitCode } = await runCommand(
        ["config", "print", ...words],
        environment,
      );
      expect(exitCode, stderr).toBe(0);
      expect(`${stdout}${stderr}`).not.toContain("canary");
    }
    const lines = jsonLines(await runCommand(["config", "print", "--json"], environment));
    const values = new Map(lines.map(({ name, value }) => [name, value]));
    expect(Object.keys(VARIABLE_DOCS).filter((name) => !values.has(name))).toEqual([]);
    expect(values.get("DATABASE_URL")).toBe("set (redacted)");
    expect(values.get("REDIS_URL")).toBe("set (redacted)");
    expect(values.get("NEWS_FEED_URL")).toBe("https://feeds.example/… (redacted)");
    expect(values.get("AMC_PARTITIONS")).toBe("4");
    expect(lines.find(({ type }) => type === "effective")).toMatchObject({ maxCandidates: 7 });
  });

  it("says which variables are given and read by nothing", async () => {
    const environment = { SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/canary-2210" };
    const { stdout } = await runCommand(["config", "print", "--redact"], environment);
    expect(stdout).toMatch(/read by nothing yet .*: SLACK_WEBHOOK_URL\n$/);
    const lines = jsonLines(await runCommand(["config", "print", "--json"], environment));
    expect(lines.at(-1)).toMatchObject({ type: "warning" });
    expect(JSON.stringify(lines)).not.toContain("canary");
  });

  it.each([
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://amc:canary-3b52@collector.example:4318"],
    ["MAVEN_REPOSITORY", "https://amc:canary-77f0@maven.example/maven2"],
    ["NEWS_FEED_URL", "https://amc:canary-c0de@feeds.example/{symbol}"],
  ])(
    "refuses a password in %s, which nothing would send, and does not repeat it",
    async (name, url) => {
      const { exitCode, stdout, stderr } = await runCommand(["config", "print"], { [name]: url });
      expect([exitCode, stdout]).toEqual([78, ""]);
      expect(stderr).toContain(`${name}: `);
      expect(stderr).not.toContain("canary");
    },
  );

  it("names every wrong variable at once and prints nothing else", async () => {
    const { exitCode, stdout, stderr } = await runCommand(["config", "print"], {
      PORT: "http",
      AMC_PARTITIONS: "0",
      AMC_API_KEYS: "canary-5512",
    });
    expect(exitCode).toBe(78);
    expect(stdout).toBe("");
    expect(stderr).toContain("  AMC_API_KEYS: is not JSON");
    expect(stderr).not.toContain("canary");
    expect(stderr).toMatch(
      /PORT: .+\n(.*\n)*.*AMC_PARTITIONS: |AMC_PARTITIONS: .+\n(.*\n)*.*PORT: /,
    );
  });
});
