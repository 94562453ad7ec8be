import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { classifyFailure } from "../runtime/failure.ts";
import { RegistryClient } from "./registry-client.ts";
import { type Answering, FaultyRegistry, json, text } from "./testing/faulty-registry.ts";

describe("the client of the schema registry", () => {
  let registry: FaultyRegistry;
  let waits: number[];
  let client: RegistryClient;

  beforeEach(async () => {
    registry = await FaultyRegistry.open(json(200, {}));
    waits = [];
    client = clientOf(registry.url);
  });
  afterEach(() => registry.close());

  function clientOf(url: string): RegistryClient {
    return new RegistryClient({
      url,
      deadlineMs: 200,
      sleep: async (ms) => {
        waits.push(ms);
      },
    });
  }

  const endless: Answering = (request, response) => {
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
    };
    response.on("drain", more);
    request.on("close", () => response.destroy());
    response.writeHead(200);
    more();
  };

  const OUTAGES: readonly (readonly [string, Answering])[] = [
    ["500", json(500, { error_code: 50001, message: "store" })],
    ["a busy server's 503", text(503, "busy")],
    ["too many requests", json(429, { error_code: 42901, message: "later" })],
    ["a proxy's 400", text(400, "<html>Bad Request</html>")],
    ["a proxy's 404", text(404, "<html>Not Found</html>")],
    ["404 of a path that it does not know", json(404, { error_code: 0, message: "no resource" })],
    ["404 without a code", json(404, { message: "not found" })],
    ["a page in the place of JSON", text(200, "<html>Log in</html>")],
    ["JSON of another kind", json(200, [1, 2, 3])],
    ["a schema that is no text", json(200, { schema: 7 })],
    ["half an answer", (_, response) => response.writeHead(200).write("{") && response.destroy()],
    ["nothing at all", () => undefined],
    ["an answer without end", endless],
    ["a redirect", (_, response) => response.writeHead(302, { location: "/elsewhere" }).end()],
    ["a broken connection", (request) => request.destroy()],
  ];

  it.each(OUTAGES)(
    "takes %s for an outage, never for a word about the schema",
    async (_, answer) => {
      registry.answerWith(answer);
      const failure = await client.schemaOf(7).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "registry.unavailable" });
      expect(classifyFailure(failure)).toBe("transient");
      expect(registry.asked.length).toBeLessThanOrEqual(3);
      expect(waits.length).toBeLessThanOrEqual(2);
    },
  );

  it("tries three times with waits that double, and answers as soon as the registry does", async () => {
    registry.answerWith(text(503, "busy"));
    await expect(client.schemaOf(7)).rejects.toMatchObject({
      facts: { method: "GET", path: "/schemas/ids/7", status: 503 },
    });
    expect(registry.asked).toEqual([
      "GET /schemas/ids/7",
      "GET /schemas/ids/7",
      "GET /schemas/ids/7",
    ]);
    expect(waits).toEqual([200, 400]);
    registry.answerWith((request, response) => {
      if (registry.asked.length === 4) request.destroy();
      else json(200, { schema: '"string"' })(request, response);
    });
    expect(await client.schemaOf(7)).toBe('"string"');
    expect(registry.asked).toHaveLength(5);
  });

  it("says that nobody listens where nobody does", async () => {
    const { url } = registry;
    await registry.close();
    await expect(client.schemaOf(7)).rejects.toMatchObject({
      code: "registry.unavailable",
      facts: { reason: "ECONNREFUSED" },
    });
    registry = await FaultyRegistry.open(json(200, {}));
    expect(url).not.toBe(registry.url);
  });

  it("knows an unknown id by the registry's own code, and does not ask again", async () => {
    registry.answerWith(json(404, { error_code: 40403, message: "Schema not found" }));
    expect(await client.schemaOf(7)).toBeNull();
    expect(await client.versionsOf(7)).toBeNull();
    expect(await client.lookUp("a-value", "{}")).toBeNull();
    expect(registry.asked).toHaveLength(3);
  });

  it.each([
    [409, 409, "registry.incompatible"],
    [409, 40901, "registry.incompatible"],
    [422, 42201, "registry.invalid-schema"],
    [422, 42205, "registry.refused"],
  ])("turns %d with code %d into %s, once and for good", async (status, errorCode, code) => {
    registry.answerWith(json(status, { error_code: errorCode, message: "because" }));
    const failure = await client.register("a-value", "{}").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, facts: { subject: "a-value", errorCode } });
    expect(classifyFailure(failure)).toBe("fatal");
    expect(registry.asked).toHaveLength(1);
  });

  it.each([401, 403])("ends with registry.refused on %d whatever the body", async (status) => {
    registry.answerWith(text(status, "<html>"));
    await expect(client.register("a-value", "{}")).rejects.toMatchObject({
      code: "registry.refused",
      facts: { status },
    });
    expect(registry.asked).toHaveLength(1);
  });

  it("sends user and password of its URL as a header, and shows them in no error", async () => {
    const headers: unknown[] = [];
    registry.answerWith((request, response) => {
      headers.push(request.headers.authorization);
      text(503, "busy")(request, response);
    });
    const guarded = clientOf(registry.url.replace("//", "//amc:hunter%402@"));
    const failure = await guarded.schemaOf(7).catch((error: unknown) => error);
    expect(headers[0]).toBe(`Basic ${Buffer.from("amc:hunter@2").toString("base64")}`);
    expect(failure).toMatchObject({ code: "registry.unavailable" });
    expect(`${JSON.stringify(failure)} ${String(failure)}`).not.toContain("hunter");
  });
});
