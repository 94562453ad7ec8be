import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { principalOf } from "@amc/platform/log/kafka/access/grants";
import type { KafkaAccess } from "@amc/platform/log/kafka/connection";
import { makeCertificate } from "@amc/stack/testing/certificates";
import { type GuardedCluster, guardedCluster } from "@amc/stack/testing/guarded-kafka";
import { type OwnKafka, ownKafka, withoutOwnKafka } from "@amc/stack/testing/own-kafka";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";

const skipped = await withoutOwnKafka();

/** A cluster of its own: the names of the table are the same for everybody. */
describe.skipIf(skipped !== "")(`amc topics check${skipped}`, () => {
  let cluster: OwnKafka | null = null;
  beforeAll(async () => {
    cluster = await ownKafka(1);
  }, 120_000);
  afterAll(async () => {
    await cluster?.down();
  });

  const check = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    runCommand(["topics", "check", "--json", ...words], {
      KAFKA_BROKERS: cluster?.address ?? "",
      ...environment,
    });

  /** What `amc doctor` says of the topics of this cluster. */
  const doctor = async () => {
    const environment = { KAFKA_BROKERS: cluster?.address ?? "", NODE_ENV: "test", PORT: "0" };
    const result = await runCommand(["doctor", "--json"], environment);
    return jsonLines(result).find(({ name }) => name === "topics");
  };

  it("names every topic that a new cluster lacks, creates them when told to, and is content", async () => {
    const before = await check([]);
    expect(before.exitCode, before.stderr).toBe(1);
    const absent = jsonLines(before);
    expect(new Set(absent.map(({ type }) => type))).toEqual(new Set(["absent"]));
    expect(absent.map(({ topic }) => topic)).toContain("market.price-tick.v1.dlq");
    expect(absent.map(({ topic }) => topic)).toContain("state.signals");
    expect((await check(["--create"])).exitCode).toBe(0);
    const after = await check([]);
    expect(after.exitCode, after.stdout).toBe(0);
    expect(jsonLines(after)).toEqual([]);
  });

  it("says of settings that were changed what is, what should be and what mends it, and mends it", async () => {
    await cluster?.alterTopic("market.news.v1", { "retention.ms": "3600000" });
    await cluster?.alterTopic("state.signals", { "cleanup.policy": "delete" });
    const mend = "npm run amc -- topics check --mend";
    // The controller notes a setting before the broker tells of it.
    await expect
      .poll(async () => jsonLines(await check([])), { timeout: 30_000 })
      .toEqual([
        {
          ...{ type: "difference", topic: "market.news.v1", setting: "retention.ms" },
          ...{ is: "3600000", should: "-1", mend },
        },
        {
          ...{ type: "difference", topic: "state.signals", setting: "cleanup.policy" },
          ...{ is: "delete", should: "compact", mend },
        },
      ]);
    expect((await check([])).exitCode).toBe(1);
    const seen = await doctor();
    expect(seen?.status).toBe("fail");
    expect(seen?.detail).toContain("market.news.v1: retention.ms is 3600000, should be -1");
    expect(seen?.mend).toBe(mend);
    // A deployment creates what is absent, and leaves a difference to a person.
    const refused = await check(["--create"]);
    expect([refused.exitCode, jsonLines(refused).length]).toEqual([1, 2]);
    expect(jsonLines(await check([]))).toHaveLength(2);
    expect((await check(["--mend"])).exitCode).toBe(0);
    expect((await check([])).exitCode).toBe(0);
    expect(await doctor()).toMatchObject({ status: "ok", mend: null });
  });

  it("checks and creates the topics of an installation under its prefix, beside those of another", async () => {
    const blue = { KAFKA_TOPIC_PREFIX: "blue." };
    const absent = jsonLines(await check([], blue)).map(({ topic }) => topic);
    expect(absent).toContain("blue.market.halt.v1");
    expect((await check(["--mend"], blue)).exitCode).toBe(0);
    expect((await check([], blue)).exitCode).toBe(0);
    expect((await check([])).exitCode).toBe(0);
  });

  it("cannot mend another number of partitions, and says what can", async () => {
    const result = await check(["--mend"], { AMC_PARTITIONS: "5" });
    expect(result.exitCode).toBe(1);
    expect(jsonLines(result)).toContainEqual({
      ...{ type: "difference", topic: "market.halt.v1", setting: "partitions" },
      ...{ is: "4", should: "5", mend: expect.stringContaining("AMC_PARTITIONS=4") },
    });
  });

  it("ends as unavailable without an answer, and as misconfigured without brokers", async () => {
    const away = await check([], { KAFKA_BROKERS: "127.0.0.1:1" });
    expect(away.exitCode, away.stderr).toBe(69);
    expect((await check([], { KAFKA_BROKERS: "" })).exitCode).toBe(78);
    const misspelt = await check([], { KAFKA_USERNAME: randomUUID() });
    expect(misspelt.exitCode).toBe(78);
    expect(misspelt.stderr).toContain("KAFKA_PASSWORD");
  });
});

/** From the variables of the environment to a broker that asks for TLS, a login and rights. */
describe.skipIf(skipped !== "")(`a guarded cluster${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "amc-topics-check-"));
  const [operator, sender] = [principalOf("operator"), principalOf("alert-sender")];
  let guarded: GuardedCluster;
  let cluster: OwnKafka | null = null;
  beforeAll(async () => {
    guarded = guardedCluster(makeCertificate(folder, "broker"), [operator, sender]);
    cluster = await ownKafka(1, guarded);
  }, 120_000);
  afterAll(async () => {
    await cluster?.down();
    rmSync(folder, { recursive: true });
  });

  const secretFile = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const check = (username: string, { sasl, tls }: KafkaAccess) =>
    runCommand(["topics", "check", "--json"], {
      KAFKA_BROKERS: cluster?.address ?? "",
      KAFKA_USERNAME: username,
      KAFKA_PASSWORD_FILE: secretFile("password", sasl?.password ?? ""),
      KAFKA_TLS: "true",
      AMC_TLS_CA_FILE: secretFile("ca", String(tls?.ca)),
    });

  it("is looked at by whoever may, with secrets from files", async () => {
    const { exitCode, stdout, stderr } = await check("admin", guarded.access);
    expect(exitCode, stderr).toBe(1);
    expect(stdout).toContain('"topic":"market.price-tick.v1"');
  });

  it("shows another principal nothing, and a wrong password ends as unavailable without being shown", async () => {
    const stranger = await check(sender, guarded.accessOf(sender));
    expect(stranger.exitCode).toBe(1);
    const { sasl, ...rest } = guarded.accessOf(operator);
    const wrong = sasl === undefined ? rest : { ...rest, sasl: { ...sasl, password: "hunter2" } };
    const { exitCode, stderr } = await check(operator, wrong);
    expect(exitCode, stderr).toBe(69);
    expect(stderr).toContain("log.refused");
    expect(stderr).not.toContain("hunter2");
  });
});
