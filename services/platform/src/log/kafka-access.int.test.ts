import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { TOPIC_NAMES, TOPICS, type Writer } from "@amc/schemas/topics";
import { WORK_GROUP_NAMES, WORK_GROUPS } from "@amc/schemas/work-groups";
import { readList } from "@amc/stack/artefacts/lists";
import { provideArtefacts } from "@amc/stack/artefacts/provide";
import { settingsFrom } from "@amc/stack/settings";
import { makeCertificate } from "@amc/stack/testing/certificates";
import { type GuardedCluster, guardedCluster } from "@amc/stack/testing/guarded-kafka";
import { type OwnKafka, ownKafka, withoutOwnKafka } from "@amc/stack/testing/own-kafka";
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  ResourcePatternTypes,
  ResourceTypes,
} from "@platformatic/kafka";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { loadProcessConfig } from "../config/load-config.ts";
import { deadLetterTopic } from "../runtime/dead-letter.ts";
import { systemGroups, systemLayout } from "../runtime/layout.ts";
import { texts } from "./contract/fixture.ts";
import {
  clientIdOf,
  type Grant,
  grants,
  principalOf,
  ROLES,
  type Role,
} from "./kafka/access/grants.ts";
import { aclScript } from "./kafka/access/kafka-acls-text.ts";
import { clientOptions, type KafkaConnection } from "./kafka/client-options.ts";
import type { KafkaAccess } from "./kafka/connection.ts";
import { provideTopics } from "./kafka/topics/topic-admin.ts";
import { openKafkaLog } from "./kafka.ts";
import type { Log } from "./port.ts";
import { createAcls } from "./testing/create-acls.ts";
import { DEDUPLICATED, KAFKA_WAYS, type KafkaWay } from "./testing/kafka-ways.ts";

/** A broker that asks for TLS, a SCRAM login and rights, and the roles of this system before it. */
const PARTITIONS = 2;
const LAYOUT = systemLayout(PARTITIONS);
const LIMITS = { maxRecords: 100, maxBytes: 1_000_000 };
/** The role whose rights are granted by the printed script and Kafka's own tool. */
const BY_SCRIPT: Role = "alert-sender";
const SERVICES = ROLES.filter((role) => role !== "operator");

const WRITERS: Readonly<Record<Role, readonly Writer[]>> = {
  ingest: ["ingest"],
  scheduler: ["scheduler"],
  processor: ["processor", "runtime"],
  projector: [],
  "query-api": ["operator"],
  "alert-sender": ["alert-sender"],
  "short-interest": [],
  live: [],
  operator: [],
};

const skipped = await withoutOwnKafka();

describe.skipIf(skipped !== "")(`a cluster that asks for rights${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "amc-guarded-"));
  let guarded: GuardedCluster;
  let cluster: OwnKafka | null = null;
  const stranger = () => makeCertificate(folder, "stranger").pem;

  const connect = (access: KafkaAccess, clientId = "amc-test"): KafkaConnection => ({
    brokers: [cluster?.address ?? ""],
    clientId,
    ...access,
  });
  const open = async (role: Role, { delivery, transactionsBy }: KafkaWay): Promise<Log> => {
    const principal = principalOf(role);
    const clientId = role === "operator" ? principal : clientIdOf(role);
    const connection = connect(guarded.accessOf(principal), clientId);
    const log = await openKafkaLog({ connection, layout: LAYOUT, delivery, transactionsBy });
    onTestFinished(() => log.close());
    return log;
  };

  beforeAll(async () => {
    guarded = guardedCluster(makeCertificate(folder, "broker"), ROLES.map(principalOf));
    cluster = await ownKafka(1, guarded);
    await provideTopics(connect(guarded.access), {
      layout: LAYOUT,
      groups: systemGroups(PARTITIONS),
    });
  }, 180_000);
  afterAll(async () => {
    await cluster?.down();
    rmSync(folder, { recursive: true });
  });

  it("lets nobody in before there are grants, which is what makes the rest of this worth anything", async () => {
    for (const role of SERVICES) {
      const principal = principalOf(role);
      const connection = connect(guarded.accessOf(principal), principal);
      await expect(openKafkaLog({ connection, layout: LAYOUT })).rejects.toMatchObject({
        code: expect.stringMatching(/^log[.](refused|unknown-topic)$/),
      });
    }
  });

  it("takes the printed script by Kafka's own tool, and the same grants by its protocol", async () => {
    await runScript(
      folder,
      cluster?.address ?? "",
      guarded.adminProperties,
      grants().filter(({ role }) => role === BY_SCRIPT),
    );
    await createAcls(
      connect(guarded.access),
      grants().filter(({ role }) => role !== BY_SCRIPT),
    );
    expect(await principalsWithRights(connect(guarded.access))).toEqual(
      ROLES.map((role) => `User:${principalOf(role)}`).sort(),
    );
    // Five starts of Java.
  }, 240_000);

  for (const way of KAFKA_WAYS) {
    it(`lets every service do its work, ${way.name}`, async () => {
      for (const role of SERVICES) {
        const log = await open(role, way);
        for (const topic of topicsOf(role)) await appendAndReadBack(log, topic, role);
        for (const group of groupsOf(role)) {
          const lease = await log.acquire(group, 0);
          const [topic] = topicsOf(role);
          await log.commit({
            lease,
            appends: topic === undefined ? [] : [{ ...RECORD, topic }],
            positions: [{ topic: "ops.clock.v1", partition: 0, next: 1 }],
            state: [{ store: "test", key: "GME", value: Buffer.from(role) }],
          });
          // Somebody else of the same role takes over, and reads what there is.
          const other = await open(role, way);
          await other.acquire(group, 0);
          expect(await other.positions(group, 0)).toHaveLength(1);
        }
      }
    }, 240_000);

    it(`refuses every service what another one answers for, ${way.name}`, async () => {
      let refusals = 0;
      for (const role of SERVICES) {
        const log = await open(role, way);
        const strange = TOPIC_NAMES.find((topic) => !topicsOf(role).includes(topic)) ?? "";
        for (const foreign of [strange, ...(role === "query-api" ? [`${strange}.dlq`] : [])]) {
          await expect(
            log.commit({ appends: [{ ...RECORD, topic: foreign }] }),
          ).rejects.toMatchObject({ code: "log.refused" });
          refusals += 1;
        }
        const group = WORK_GROUP_NAMES.find((name) => !groupsOf(role).includes(name)) ?? "";
        await expect(log.acquire(group, 0)).rejects.toMatchObject({ code: "log.refused" });
        refusals += 1;
      }
      expect(refusals).toBe(2 * SERVICES.length + 1);
    }, 120_000);
  }

  it("refuses the alert sender what it has no business to read", async () => {
    const log = await open("alert-sender", DEDUPLICATED);
    await expect(log.read("signals.features.v1", 0, 0, LIMITS)).rejects.toMatchObject({
      code: "log.refused",
    });
    expect(await log.read("alerts.requested.v1", 0, 0, LIMITS)).toBeInstanceOf(Array);
  });

  it("lets nobody in without a password, with a wrong one, or in the clear", async () => {
    const { sasl, tls } = guarded.accessOf("amc-processor");
    const wrong = sasl === undefined ? {} : { sasl: { ...sasl, password: "hunter2" } };
    const attempts: [KafkaAccess, RegExp][] = [
      [{ ...(tls && { tls }), ...wrong }, /^log[.]refused$/],
      [{ ...(tls && { tls }) }, /^log[.](refused|unavailable)$/],
      [{ ...(sasl && { sasl }) }, /^log[.](refused|unavailable)$/],
      [{}, /^log[.](refused|unavailable)$/],
    ];
    for (const [access, code] of attempts) {
      const opened = openKafkaLog({ connection: connect(access), layout: LAYOUT });
      const error = await opened.catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: expect.stringMatching(code) });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(sasl?.password ?? "");
    }
  }, 60_000);

  it("is not believed to be our cluster when another authority vouches for it", async () => {
    const { sasl } = guarded.accessOf("amc-processor");
    for (const tls of [{ ca: stranger() }, {}]) {
      const connection = connect({ ...(sasl && { sasl }), tls });
      await expect(openKafkaLog({ connection, layout: LAYOUT })).rejects.toMatchObject({
        code: "log.refused",
      });
    }
  }, 60_000);
});

const RECORD = { key: "GME", value: Buffer.from("a record"), headers: {}, partition: 0 };

/** Facts that are collected by one service and played by another. */
const COLLECTED = ["short.interest.v1", "short.volume.v1"];

const ASKED_LIVE = [
  ...["market.price-tick.v1", "market.corporate-action.v1", "market.reference.v1"],
  ...["market.news.v1", "short.interest.v1"],
];

/** What a role writes: its own topics, or where it writes none, the dead letters of what it reads. */
function topicsOf(role: Role): string[] {
  if (role === "short-interest") return COLLECTED;
  if (role === "live") return ASKED_LIVE;
  const own = TOPIC_NAMES.filter((topic) => WRITERS[role].includes(TOPICS[topic].writer));
  return own.length > 0 ? own : ["market.price-tick.v1"].map(deadLetterTopic);
}

function groupsOf(role: Role): string[] {
  return WORK_GROUP_NAMES.filter((name) => WORK_GROUPS[name].runner === role);
}

async function appendAndReadBack(log: Log, topic: string, role: Role): Promise<void> {
  const { offsets } = await log.commit({
    appends: [{ ...RECORD, topic, value: Buffer.from(role) }],
  });
  expect(texts([...(await log.read(topic, 0, offsets[0] ?? -1, LIMITS))])).toContain(role);
}

/** As an administrator runs it, with Kafka's tool where its own archive has it. */
async function runScript(
  folder: string,
  brokers: string,
  properties: string,
  granted: readonly Grant[],
): Promise<void> {
  const teller = { note: () => undefined, progress: () => undefined };
  const asked = { brokers: undefined, parts: [], home: undefined };
  const source = settingsFrom(loadProcessConfig(), asked);
  const jars = await provideArtefacts("Kafka", readList("kafka"), source, teller);
  const classPath = jars.join(delimiter);
  const tool = join(folder, "kafka-acls.sh");
  writeFileSync(
    tool,
    `#!/bin/sh\nexec java -cp '${classPath}' org.apache.kafka.tools.AclCommand "$@"\n`,
  );
  chmodSync(tool, 0o755);
  const config = join(folder, "admin.properties");
  writeFileSync(config, properties);
  const { PATH = "" } = process.env;
  const env = { PATH: `${folder}${delimiter}${PATH}`, BROKERS: brokers, ADMIN_CONFIG: config };
  await promisify(execFile)("sh", ["-c", aclScript(granted)], { env });
}

async function principalsWithRights(connection: KafkaConnection): Promise<string[]> {
  const admin = new Admin(clientOptions(connection));
  const resources = await admin.describeAcls({
    filter: {
      resourceType: ResourceTypes.ANY,
      resourceName: null,
      resourcePatternType: ResourcePatternTypes.ANY,
      principal: null,
      host: null,
      operation: AclOperations.ANY,
      permissionType: AclPermissionTypes.ANY,
    },
  });
  await admin.close();
  const granted = resources.flatMap(({ acls }) => acls.map(({ principal }) => principal));
  return [...new Set(granted)].sort();
}
