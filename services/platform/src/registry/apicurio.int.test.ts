import type { IncomingMessage, ServerResponse } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { releasesOf } from "@amc/schemas/schema-ids";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RegistryClient } from "./registry-client.ts";
import {
  COMPATIBILITY,
  incompatibleReleases,
  lookUpReleases,
  type ReleasedSchema,
  registerReleases,
  releasedSchemas,
  subjectOf,
} from "./releases.ts";
import { HAS_JAVA, TestRegistry } from "./testing/apicurio.ts";
import { FaultyRegistry, json } from "./testing/faulty-registry.ts";
import { UnknownIds } from "./unknown-ids.ts";
import { WireIds } from "./wire-ids.ts";

/** It is ready in 5 s, beside other JVMs on two cores in 30; the first time it is fetched. */
const START_TIMEOUT_MS = 300_000;

const TOPIC = "market.price-tick.v1";

const WITHOUT_DEFAULT = { name: "venueCode", type: "string", doc: "Venue." };

/** A next version of a topic's value that its readers could not read: a field without a default. */
function breakingRelease(field: object = WITHOUT_DEFAULT): ReleasedSchema {
  const newest = releasedSchemas().findLast(({ topic }) => topic === TOPIC);
  if (newest === undefined) throw new Error(`${TOPIC} has no release`);
  const { fields, ...rest } = JSON.parse(newest.schema);
  const schema = JSON.stringify({ ...rest, fields: [...fields, field] });
  return { ...newest, id: 9_001, version: newest.version + 1, schema };
}

describe.skipIf(!HAS_JAVA)("a real registry (needs Java 17 or later)", () => {
  let registry: TestRegistry;
  let client: RegistryClient;
  beforeAll(async () => {
    registry = await TestRegistry.start();
    client = new RegistryClient({ url: registry.url });
    // Somebody else was there first, so ids do not happen to be ours.
    for (const name of ["A", "B", "C"]) {
      const schema = JSON.stringify({ type: "record", name, fields: [{ name: "x", type: "int" }] });
      await client.register(`orders-${name}-value`, schema);
    }
  }, START_TIMEOUT_MS);
  afterAll(() => registry.stop());

  it("has nothing of ours at first, which is said as such", async () => {
    await expect(lookUpReleases(client)).rejects.toMatchObject({ code: "registry.unregistered" });
    expect(await incompatibleReleases(client)).toEqual([]);
  });

  it("takes every release in order, gives each an id, and the same ones again", async () => {
    const pairs = await registerReleases(client);
    expect(pairs).toHaveLength(TOPIC_NAMES.flatMap(releasesOf).length);
    expect(await registerReleases(client)).toEqual(pairs);
    expect(await lookUpReleases(client)).toEqual(pairs);
    expect(() => new WireIds(pairs)).not.toThrow();
    expect(pairs.some(({ local, registry: id }) => local !== id)).toBe(true);
  });

  it("holds every subject to BACKWARD_TRANSITIVE", async () => {
    for (const topic of TOPIC_NAMES) {
      expect(await client.compatibilityOf(subjectOf(topic))).toBe(COMPATIBILITY);
    }
  });

  it("refuses a version with a new field without default, before and at its registration (R-ARC-15)", async () => {
    const releases = [...releasedSchemas(), breakingRelease()];
    expect(await incompatibleReleases(client, releases)).toEqual([breakingRelease()]);
    await expect(registerReleases(client, releases)).rejects.toMatchObject({
      code: "registry.incompatible",
      facts: { subject: `${TOPIC}-value` },
    });
    expect(await client.lookUp(`${TOPIC}-value`, breakingRelease().schema)).toBeNull();
  });

  it("refuses what is no schema", async () => {
    await expect(client.register(`${TOPIC}-value`, "{")).rejects.toMatchObject({
      code: "registry.invalid-schema",
    });
  });

  it("judges ids: unknown, a stranger's, and one that a newer build has registered", async () => {
    const ids = new UnknownIds({ client, nowMs: () => 0, sleep: async () => undefined });
    expect(await ids.judge(TOPIC, 999_999)).toMatchObject({ code: "registry.unknown-schema" });
    const foreign = await client.register(
      "orders-D-value",
      '{"type":"enum","name":"D","symbols":["X"]}',
    );
    expect(await ids.judge(TOPIC, foreign)).toMatchObject({ code: "registry.foreign-schema" });
    const newest = breakingRelease();
    const { fields, ...rest } = JSON.parse(newest.schema);
    const compatible = fields.map((field: { name: string }) =>
      field.name === "venueCode" ? { ...field, default: "" } : field,
    );
    const schema = JSON.stringify({ ...rest, fields: compatible });
    const newer = await client.register(`${TOPIC}-value`, schema);
    expect(await ids.judge(TOPIC, newer)).toMatchObject({
      code: "registry.newer-schema",
      facts: { id: newer, version: newest.version },
    });
  });

  it("takes a field without a default for the same with null, which is noticed before a deployment", async () => {
    const field = { name: "auctionCode", type: ["null", "string"], doc: "Auction." };
    const good = breakingRelease({ ...field, default: null });
    const bad = breakingRelease(field);
    const id = await client.register(`${TOPIC}-value`, good.schema);
    expect(await client.lookUp(`${TOPIC}-value`, bad.schema)).toBe(id);
    expect(await incompatibleReleases(client, [good, bad])).toEqual([bad]);
  });

  it("that hands out another schema for an id is not believed", async () => {
    const pairs = await lookUpReleases(client);
    const pass = async (request: IncomingMessage, response: ServerResponse) => {
      const { method = "GET", url = "" } = request;
      const init = { method, headers: { "content-type": "application/json" } };
      const answer = await fetch(`${registry.url}${url}`, { ...init, body: await textOf(request) });
      response.writeHead(answer.status).end(await answer.text());
    };
    // Stands before the real one and answers one question wrongly.
    const liar = await FaultyRegistry.open((request, response) => {
      const { url = "" } = request;
      if (url.startsWith("/schemas/ids/"))
        return json(200, { schema: '"string"' })(request, response);
      void pass(request, response);
    });
    try {
      const misled = new RegistryClient({ url: liar.url });
      await expect(lookUpReleases(misled)).rejects.toMatchObject({
        code: "registry.inconsistent",
        facts: { id: pairs[0]?.registry },
      });
    } finally {
      await liar.close();
    }
  });

  it("that was there and is away is an outage, never a word about a schema", async () => {
    const patient = new RegistryClient({ url: registry.url, sleep: async () => undefined });
    await lookUpReleases(patient);
    // The last test: the others need it.
    await registry.stop();
    await expect(lookUpReleases(patient)).rejects.toMatchObject({ code: "registry.unavailable" });
    await expect(registerReleases(patient)).rejects.toMatchObject({ code: "registry.unavailable" });
  });
});
