import { schemaIdOf, writeEnvelope } from "@amc/schemas/envelope";
import { currentSchemaId } from "@amc/schemas/schema-ids";
import { testPart } from "@amc/stack/testing/test-part";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { RegistryError } from "../registry/errors.ts";
import { type RegisteredIds, registeredIds } from "../registry/registered-ids.ts";
import { RegistryClient } from "../registry/registry-client.ts";
import { registerReleases } from "../registry/releases.ts";
import { TestRegistry } from "../registry/testing/apicurio.ts";
import {
  type Answering,
  FaultyRegistry,
  handOnTo,
  json,
} from "../registry/testing/faulty-registry.ts";
import { UnknownIds } from "../registry/unknown-ids.ts";
import { decodeRecord } from "../runtime/decode-record.ts";
import { classifyFailure } from "../runtime/failure.ts";
import { StageRunner } from "../runtime/stage-runner.ts";
import { readAll } from "./contract/fixture.ts";
import { openKafkaLog } from "./kafka.ts";
import type { Log } from "./port.ts";
import { HALT_LAYOUT, HALTS, halt, sliceEnd, WATCHING } from "./testing/halts.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";

/** No registry has given it to anything: Apicurio counts from 1. */
const FOREIGN_ID = 2_000_000_000;

/** A registry is ready in 5 s, beside other JVMs on two cores in 30; the first time it is fetched. */
const START_TIMEOUT_MS = 300_000;

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(`schema ids on Kafka${kafka.skipped}`, () => {
  let registry: TestRegistry;
  let proxy: FaultyRegistry;
  /** Hands on to the real registry. */
  let pass: Answering;
  let ids: RegisteredIds;

  const away = json(503, { error_code: 50301, message: "away" });

  beforeAll(async () => {
    registry = await TestRegistry.start();
    pass = handOnTo(registry.url);
    proxy = await FaultyRegistry.open(pass);
    const client = new RegistryClient({ url: proxy.url });
    // Somebody else was there first, so that ids do not happen to be ours.
    for (const name of ["A", "B", "C"]) {
      const schema = JSON.stringify({ type: "record", name, fields: [{ name: "x", type: "int" }] });
      await client.register(`orders-${name}-value`, schema);
    }
    await registerReleases(client);
    ids = await judging();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await proxy.close();
    await registry.stop();
  });

  /** Ids with a judge that waits for nothing, so that its tries can be counted in no time. */
  async function judging(): Promise<RegisteredIds> {
    const client = new RegistryClient({ url: proxy.url, tries: 1 });
    const unknown = new UnknownIds({ client, nowMs: () => 0, sleep: async () => undefined });
    return { ...(await registeredIds(client)), unknown };
  }

  /** A log that translates, and one that shows what is on the wire. */
  async function logsOf(wireIds: RegisteredIds): Promise<{ log: Log; wire: Log }> {
    const topics: TestTopics = await createTestTopics(kafka.address, HALT_LAYOUT, [WATCHING.name]);
    onTestFinished(topics.remove);
    const log = await openKafkaLog({ ...topics, layout: HALT_LAYOUT, wireIds });
    onTestFinished(() => log.close());
    const wire = await openKafkaLog({ ...topics, layout: HALT_LAYOUT });
    onTestFinished(() => wire.close());
    return { log, wire };
  }

  /** Two halts of ours with one between them that a stranger wrote, and their tick. */
  async function withStranger({ log, wire }: { log: Log; wire: Log }): Promise<Uint8Array> {
    const stranger = halt(1).value ?? new Uint8Array();
    writeEnvelope(stranger, FOREIGN_ID);
    await log.commit({ appends: [halt(0)] });
    await wire.commit({ appends: [{ ...halt(1), value: stranger }] });
    await log.commit({ appends: [halt(2), sliceEnd(3)] });
    return stranger;
  }

  const openRunner = (log: Log) => StageRunner.open({ log, subtopology: WATCHING, partition: 0 });

  it("are the registry's on the wire and ours for whoever reads through the log", async () => {
    const { log, wire } = await logsOf(ids);
    await log.commit({ appends: [halt(0)] });
    const [ours] = await readAll(log, HALTS, 0);
    const [sent] = await readAll(wire, HALTS, 0);
    const local = currentSchemaId(HALTS);
    expect(schemaIdOf(ours?.value ?? new Uint8Array())).toBe(local);
    const onWire = schemaIdOf(sent?.value ?? new Uint8Array()) ?? 0;
    expect(onWire).not.toBe(local);
    const answer = await fetch(`${registry.url}/schemas/ids/${onWire}/versions`);
    expect(await answer.json()).toMatchObject([{ subject: `${HALTS}-value` }]);
    expect(ours?.value?.subarray(5)).toEqual(sent?.value?.subarray(5));
    // A reader that does not translate takes it for something else.
    expect(ours && decodeRecord(ours, false)).toMatchObject({ ok: true });
    expect(sent && decodeRecord(sent, false)).toMatchObject({ ok: false });
  });

  it("that the registry does not know are dead-lettered as they came, after three tries, and the rest goes on", async () => {
    const logs = await logsOf({ ...ids, ...(await judging()) });
    const stranger = await withStranger(logs);
    proxy.asked.length = 0;
    const runner = await openRunner(logs.log);
    await runner.runUntilIdle();
    expect(runner.counts).toMatchObject({ applied: 2, deadLettered: 1, ticks: 1 });
    const asked = proxy.asked.filter((line) => line.includes(`${FOREIGN_ID}`));
    expect(asked).toHaveLength(3);
    const [letter] = await readAll(logs.wire, `${HALTS}.dlq`, 0);
    expect(letter?.headers).toMatchObject({
      "dlq-code": "envelope.unknown-schema",
      "dlq-offset": "1",
    });
    expect(letter?.value).toEqual(Buffer.from(stranger));
  });

  it("that nobody can judge hold the partition while the registry is away, and nothing is dead-lettered", async () => {
    const logs = await logsOf({ ...ids, ...(await judging()) });
    await withStranger(logs);
    proxy.answerWith(away);
    onTestFinished(() => proxy.answerWith(pass));
    for (let tries = 0; tries < 3; tries += 1) {
      const failure = await (await openRunner(logs.log)).runOnce().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "registry.unavailable" });
      expect(classifyFailure(failure)).toBe("transient");
    }
    expect(await readAll(logs.wire, `${HALTS}.dlq`, 0)).toEqual([]);
    expect(await logs.log.positions(WATCHING.name, 0)).toEqual([]);
    proxy.answerWith(pass);
    const runner = await openRunner(logs.log);
    await runner.runUntilIdle();
    expect(runner.counts).toMatchObject({ applied: 2, deadLettered: 1 });
  });

  it("are dead-lettered in an outage by a build that takes it for an answer (control)", async () => {
    const judge = async () => new RegistryError("registry.unknown-schema", "no answer", {});
    const logs = await logsOf({ ...ids, unknown: { judge } });
    await withStranger(logs);
    proxy.answerWith(away);
    onTestFinished(() => proxy.answerWith(pass));
    await (await openRunner(logs.log)).runUntilIdle();
    expect(await readAll(logs.wire, `${HALTS}.dlq`, 0)).toHaveLength(1);
  });

  it("that are known flow on while the registry is away", async () => {
    const { log } = await logsOf(ids);
    proxy.answerWith(away);
    onTestFinished(() => proxy.answerWith(pass));
    await log.commit({ appends: [halt(0), halt(1), sliceEnd(2)] });
    const runner = await openRunner(log);
    await runner.runUntilIdle();
    expect(runner.counts).toMatchObject({ applied: 2, deadLettered: 0, ticks: 1 });
  });
});
