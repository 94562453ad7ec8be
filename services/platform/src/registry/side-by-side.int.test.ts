import { bodyOf, schemaIdOf } from "@amc/schemas/envelope";
import { avscTypeOfSchema } from "@amc/schemas/testing/avsc-type";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classifyFailure } from "../runtime/failure.ts";
import { RegistryClient } from "./registry-client.ts";
import { registerReleases, releasedSchemas, subjectOf } from "./releases.ts";
import { HAS_JAVA, TestRegistry } from "./testing/apicurio.ts";
import { NextBuild, schemasCopy } from "./testing/next-build.ts";
import { UnknownIds } from "./unknown-ids.ts";
import { WireIds } from "./wire-ids.ts";

/** This build and the next one on one cluster, over one schema evolution (issue 4, §3.6). */

const START_TIMEOUT_MS = 300_000;
const TOPIC = "market.halt.v1";
const ADDED = { name: "market", type: "string", doc: "Market that halted", default: "XNYS" };

/** A consumer of another make: it knows one schema and asks the registry who wrote the bytes. */
async function stockConsumer(client: RegistryClient, own: string, bytes: Uint8Array) {
  const writer = await client.schemaOf(schemaIdOf(bytes) ?? 0);
  if (writer === null) throw new Error("the registry does not know the writer's schema");
  const reader = avscTypeOfSchema(JSON.parse(own));
  const resolver = reader.createResolver(avscTypeOfSchema(JSON.parse(writer)));
  const value: unknown = reader.fromBuffer(Buffer.from(bodyOf(bytes)), resolver);
  return JSON.parse(JSON.stringify(value));
}

describe.skipIf(!HAS_JAVA)("two builds side by side (needs Java 17 or later)", () => {
  let registry: TestRegistry;
  let client: RegistryClient;
  let next: NextBuild;
  let oldWire: WireIds;
  let nextWire: WireIds;
  const oldText = releasedSchemas().findLast(({ topic }) => topic === TOPIC)?.schema ?? "";

  beforeAll(async () => {
    registry = await TestRegistry.start();
    client = new RegistryClient({ url: registry.url });
    // Ids of the registry are not ours, in either build.
    await client.register("orders-value", '{"type":"enum","name":"Side","symbols":["BUY"]}');
    const pairs = await registerReleases(client);
    next = new NextBuild(schemasCopy(), {
      "market/Halt.avsc": ({ fields }) => fields.push(ADDED),
    });
    const { id, text } = next.newestOf(TOPIC);
    oldWire = new WireIds(pairs);
    const nextPair = { local: id, registry: await client.register(subjectOf(TOPIC), text) };
    nextWire = new WireIds([...pairs, nextPair]);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    next.dispose();
    await registry.stop();
  });

  /** As a build writes it to the cluster. */
  function onWire(name: string, ids: WireIds) {
    const { bytes, value } = next.golden(name);
    ids.toWire(bytes);
    return { bytes, value };
  }

  it("a consumer with the previous schema reads what the new build writes", async () => {
    const { bytes, value } = onWire("amc.market.Halt.v2", nextWire);
    const { market, ...known } = value;
    expect(market).toEqual(expect.any(String));
    expect(await stockConsumer(client, oldText, bytes)).toEqual(known);
  });

  it("a consumer with the new schema reads what the old build still writes", async () => {
    const { bytes, value } = onWire("amc.market.Halt.v1", oldWire);
    const read = await stockConsumer(client, next.newestOf(TOPIC).text, bytes);
    expect(read).toEqual({ ...value, market: "XNYS" });
  });

  it("the new build reads both, each under the id that the registry gave it", () => {
    for (const [name, ids] of [
      ["amc.market.Halt.v1", oldWire],
      ["amc.market.Halt.v2", nextWire],
    ] as const) {
      const { bytes, value } = onWire(name, ids);
      nextWire.toLocal(bytes);
      expect(next.decode(TOPIC, bytes)).toMatchObject({
        ok: true,
        value: { market: "XNYS", ...value },
      });
    }
  });

  it("the old build stops before a record of the new one, and takes it neither for poison nor for its own", async () => {
    const { bytes } = onWire("amc.market.Halt.v2", nextWire);
    const id = schemaIdOf(bytes) ?? 0;
    expect(oldWire.isKnown(id)).toBe(false);
    const ids = new UnknownIds({ client, nowMs: () => 0, sleep: async () => undefined });
    const verdict = await ids.judge(TOPIC, id).catch((error: unknown) => error);
    expect(verdict).toMatchObject({ code: "registry.newer-schema", facts: { id, version: 2 } });
    expect(classifyFailure(verdict)).toBe("fatal");
  });

  it("a field without a default would part the two: the registry refuses it, and so does a consumer: the control", async () => {
    const { default: _, ...required } = ADDED;
    const breaking = { ...JSON.parse(oldText), fields: [...JSON.parse(oldText).fields, required] };
    const text = JSON.stringify(breaking);
    expect(await client.isCompatible(subjectOf(TOPIC), text)).toBe(false);
    const { bytes } = onWire("amc.market.Halt.v1", oldWire);
    await expect(stockConsumer(client, text, bytes)).rejects.toThrow(/market/);
  });
});
