import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestOf } from "@amc/alert-sender/testing/requested-alerts";
import {
  ACCOUNT_SID,
  AUTH_TOKEN,
  FROM,
  RECIPIENTS,
  TwilioSandbox,
} from "@amc/alert-sender/testing/twilio-sandbox";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import { openKafkaLog } from "@amc/platform/log/kafka";
import { grants, principalOf, ROLES, type Role } from "@amc/platform/log/kafka/access/grants";
import { provideTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import { createAcls } from "@amc/platform/log/testing/create-acls";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { registeredIds } from "@amc/platform/registry/registered-ids";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { registerReleases } from "@amc/platform/registry/releases";
import { systemGroups, systemLayout } from "@amc/platform/runtime/layout";
import { makeCertificate } from "@amc/stack/testing/certificates";
import { type GuardedCluster, guardedCluster } from "@amc/stack/testing/guarded-kafka";
import { type OwnKafka, ownKafka, withoutOwnKafka } from "@amc/stack/testing/own-kafka";
import { corporateActionFact } from "@amc/streams/facts/security";
import { optionsFact } from "@amc/streams/testing/symbol-facts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { BUILT_IN, differences, replayedDigests, stackParts } from "../testing/real-stack.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { ServiceProcess, textIn, until } from "../testing/service-process.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 240_000 });

const skipped = [...stackParts.map((part) => part.skipped), await withoutOwnKafka()].join("");
const PARTITIONS = 2;
const LAYOUT = systemLayout(PARTITIONS);
const KEY = `amc_rights-test_${randomBytes(32).toString("base64url")}`;
const CONTROL_KEY = {
  ...{ id: "rights-test", client: "test", scopes: ["read", "monitor", "control"] },
  sha256: createHash("sha256").update(KEY).digest("hex"),
  expiresAt: "2100-01-01T00:00:00Z",
};

/** Services that log in as their own principals at a cluster that lets nobody do what was not granted. */
describe.skipIf(skipped !== "")(`every service under its own principal${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "amc-rights-"));
  const processes: ServiceProcess[] = [];
  let guarded: GuardedCluster;
  let cluster: OwnKafka | null = null;
  let database: TestDatabase;
  let certificates = "";
  let sandbox: TwilioSandbox;

  const environmentOf = (role: Role): Record<string, string> => ({
    ...{ KAFKA_BROKERS: cluster?.address ?? "", KAFKA_TLS: "true", AMC_TLS_CA: certificates },
    KAFKA_USERNAME: principalOf(role),
    KAFKA_PASSWORD: guarded.accessOf(principalOf(role)).sasl?.password ?? "",
    ...{ KAFKA_DELIVERY: "transactional", AMC_PARTITIONS: String(PARTITIONS) },
    SCHEMA_REGISTRY_URL: stackParts[1]?.address ?? "",
    ...{ REDIS_URL: stackParts[2]?.address ?? "", REDIS_DISCOVERY_KEY_PREFIX: folder },
    DATABASE_URL: database.url("migrator"),
    ...{ PORT: "0", OPERATIONS_PORT: "0", LOG_LEVEL: "warn" },
    AMC_API_KEYS: JSON.stringify([CONTROL_KEY]),
    ...(role === "alert-sender" ? twilio() : {}),
  });
  const twilio = (): Record<string, string> => ({
    ...{ TWILIO_ACCOUNT_SID: ACCOUNT_SID, TWILIO_AUTH_TOKEN: AUTH_TOKEN, TWILIO_FROM_NUMBER: FROM },
    ...{ TWILIO_RECIPIENTS: RECIPIENTS[0], TWILIO_BASE_URL: sandbox.origin },
  });
  const start = (role: Role, service: string): ServiceProcess => {
    const process = new ServiceProcess([service], environmentOf(role));
    processes.push(process);
    return process;
  };
  const logs = () => processes.map(({ log }) => log.slice(-1_500)).join("\n");
  const openLog = async () =>
    openKafkaLog({
      connection: { brokers: [cluster?.address ?? ""], clientId: "test", ...guarded.access },
      layout: LAYOUT,
      wireIds: await registeredIds(new RegistryClient({ url: stackParts[1]?.address ?? "" })),
    });

  beforeAll(async () => {
    const certificate = makeCertificate(folder, "broker");
    certificates = certificate.pem;
    sandbox = await TwilioSandbox.start({ nowMs: Date.now });
    guarded = guardedCluster(certificate, ROLES.map(principalOf));
    [cluster, database] = await Promise.all([ownKafka(1, guarded), startTestPostgres()]);
    const connection = {
      brokers: [cluster?.address ?? ""],
      clientId: "test",
      ...guarded.access,
    };
    await provideTopics(connection, { layout: LAYOUT, groups: systemGroups(PARTITIONS) });
    await createAcls(connection, grants());
    await registerReleases(new RegistryClient({ url: stackParts[1]?.address ?? "" }));
  });
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.kill()));
    await sandbox?.close();
    await cluster?.down();
    await database?.drop();
    rmSync(folder, { recursive: true });
  });

  it("plays, derives, projects, answers, alerts and keeps time, and nobody is refused anything", async () => {
    const processor = start("processor", "processor");
    const projector = start("projector", "projector");
    const api = start("query-api", "api");
    const alerts = start("alert-sender", "alerts");
    const ingest = start("ingest", "ingest");
    expect(await ingest.exit(), ingest.log).toBe(0);
    expect((await alerts.said("alert"))[0]).toMatchObject({ symbol: "GME" });
    const address = textIn((await api.said("service"))[0], "address");
    const ask = (path: string) => fetch(address + path, { headers: { "x-api-key": KEY } });
    // A client may ask 600 times a minute.
    const patience = { interval: 500, timeout: 120_000 };
    const recommended = async () => (await ask("/recommendations")).text();
    await expect.poll(recommended, patience).toContain('"GME"');
    const ready = async () => (await ask("/readyz")).text();
    await expect.poll(ready, patience).toContain('"ready":true');

    const body = JSON.stringify({
      ...{ setting: "preset", value: "catalyst_heavy", reason: "earnings", actor: "ann" },
    });
    const headers = { "content-type": "application/json", "x-api-key": KEY };
    const changed = await fetch(`${address}/control`, { method: "POST", body, headers });
    expect(changed.status, await changed.text()).toBeLessThan(300);
    // A recording that is played again looks where the settings end, as a scheduler does.
    const again = start("ingest", "ingest");
    expect(await again.exit(), again.log).toBe(0);
    // Before the present begins: on a trading day a tick of now may be a slot that derives something.
    const log = await openLog();
    const replayed = await replayedDigests(BUILT_IN);
    const compared = ["signals.features.v1", "discovery.recommendation.v1", "alerts.requested.v1"];
    const others = async () =>
      (await differences(log, replayed)).filter(({ topic }) => compared.includes(topic));
    await expect.poll(others, patience).toEqual([]);
    await log.close();
    const scheduler = start("scheduler", "scheduler");
    for (const service of [processor, projector, alerts, scheduler]) {
      const probes = textIn((await service.said("service"))[0], "address");
      await until(async () => (await fetch(`${probes}/readyz`)).status === 200, logs);
      const metrics = await (await fetch(`${probes}/metrics`)).text();
      expect(metrics).toMatch(/^amc_up[{]component="log"[}] 1$/m);
    }
    expect(logs()).not.toMatch(/refused|AUTHORIZATION/i);
    await scheduler.stop();
  });

  it("sends text messages, keeps what waits and tells of its calls as the alert sender", async () => {
    const log = await openLog();
    await log.commit({ appends: [requestOf({ symbol: "NOK", happenedAt: Date.now() })] });
    const calls = async () => {
      const ends = [0, 1].map((partition) => log.endOffset("ops.provider-call.v1", partition));
      return (await Promise.all(ends)).some((end) => end > 0);
    };
    await until(async () => sandbox.messages.length > 0 && (await calls()), logs);
    await log.close();
    // Nothing of the recording, whose alert is of its own time.
    expect(sandbox.messages.map(({ body }) => body)).toEqual([expect.stringContaining("NOK")]);
    expect(logs()).not.toMatch(/refused|AUTHORIZATION/i);
  });

  it("lets live ask for what it is asked for, splits and decided dates among it, behind options of before", async () => {
    const connection = { brokers: [cluster?.address ?? ""], clientId: "test", ...guarded.access };
    const prefix = "live.";
    await provideTopics(connection, { prefix, layout: LAYOUT, groups: systemGroups(PARTITIONS) });
    await createAcls(connection, grants(prefix));
    const wireIds = await registeredIds(new RegistryClient({ url: stackParts[1]?.address ?? "" }));
    const log = await openKafkaLog({ connection, prefix, layout: LAYOUT, wireIds });
    const before = Date.now() - 7 * 86_400_000;
    const split = { symbol: "GME", action: "SPLIT", ratio: 4, newSymbol: null } as const;
    const times = { effectiveAt: before, publishedAt: before };
    const provenance = { source: "yahoo", confidence: 0.65, simulated: true };
    const action = corporateActionFact({ ...split, ...times }, provenance);
    await appendNewFacts(log, [optionsFact(before), action], "/amc/test");
    await log.close();
    const live = new ServiceProcess(["live"], {
      ...{ ...environmentOf("live"), KAFKA_TOPIC_PREFIX: prefix, LOG_LEVEL: "info" },
      ...{ LIVE_UNIVERSE: "GME,AMC", TEST_MODE: "true" },
    });
    processes.push(live);
    await until(
      () => live.log.includes("asked live from here on"),
      () => live.log.slice(-3_000),
    );
    expect(live.log).toContain("float and short interest");
    expect(live.log).not.toMatch(/refused":[^0]|AUTHORIZATION|log[.]refused/);
    expect(await live.stop(), live.log.slice(-2_000)).toBe(EXIT.ok);
  });

  it("lets the operator look and steer as every command does", async () => {
    const environment = environmentOf("operator");
    for (const words of [
      ["status"],
      ["dlq", "list"],
      ["control", "list"],
      ["dlq", "redrive", "--topic", "market.price-tick.v1", "--yes"],
    ]) {
      const result = await runCommand([...words, "--kafka", "--json"], environment);
      expect(result.exitCode, result.stderr).toBe(EXIT.ok);
      expect(jsonLines(result).length).toBeGreaterThan(0);
    }
  });

  it("is worth asking for: a service under another one's principal is refused", async () => {
    const scheduler = start("alert-sender", "processor");
    expect(await scheduler.exit()).not.toBe(0);
    expect(scheduler.log).toContain("log.refused");
  });
});
