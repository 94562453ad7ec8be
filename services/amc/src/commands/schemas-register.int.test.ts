import { FaultyRegistry, json, text } from "@amc/platform/registry/testing/faulty-registry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";

/** Against a real registry: `services/platform/src/registry/apicurio.int.test.ts`. */
describe("amc schemas register", () => {
  let registry: FaultyRegistry;
  beforeEach(async () => {
    registry = await FaultyRegistry.open(json(200, {}));
  });
  afterEach(() => registry.close());

  const run = (...words: string[]) =>
    runCommand(["schemas", "register", ...words], { SCHEMA_REGISTRY_URL: registry.url });

  it("names the id of every release", async () => {
    let id = 100;
    registry.answerWith((request, response) => {
      const { method = "", url = "" } = request;
      if (method === "POST" && url.endsWith("/versions")) id += 1;
      json(200, { id, compatibilityLevel: "BACKWARD_TRANSITIVE" })(request, response);
    });
    const result = await run("--json");
    expect(result.exitCode, result.stderr).toBe(0);
    const lines = jsonLines(result);
    expect(lines[0]).toMatchObject({
      subject: "market.corporate-action.v1-value",
      version: 1,
      id: 101,
    });
    expect(new Set(lines.map((line) => line.id)).size).toBe(lines.length);
  });

  it("fails when the registry refuses a schema, and says which", async () => {
    registry.answerWith((request, response) => {
      const { method = "", url = "" } = request;
      const isRefused = method === "POST" && url.includes("market.news.v1-value/versions");
      if (isRefused)
        json(409, { error_code: 409, message: "a field without default" })(request, response);
      else json(200, { id: 1, compatibilityLevel: "BACKWARD_TRANSITIVE" })(request, response);
    });
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("a field without default [registry.incompatible]");
    expect(stderr).toContain("market.news.v1-value");
  });

  it("only asks with --check, and fails when something would be refused", async () => {
    registry.answerWith((request, response) => {
      const { url = "" } = request;
      if (url.startsWith("/compatibility")) {
        json(200, { is_compatible: !url.includes("market.news") })(request, response);
      } else json(404, { error_code: 40403, message: "no such schema" })(request, response);
    });
    const { exitCode, stdout } = await run("--check");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("market.news.v1-value version 1 would be refused");
    expect(
      registry.asked.filter((call) => /^PUT|^POST \/subjects\/[^/]+\/versions/.test(call)),
    ).toEqual([]);
  });

  it("ends as unavailable while the registry is away, and as misconfigured without one", async () => {
    registry.answerWith(text(503, "busy"));
    expect((await run()).exitCode).toBe(69);
    const without = await runCommand(["schemas", "register"], {});
    expect(without.exitCode).toBe(78);
    expect(without.stderr).toContain("SCHEMA_REGISTRY_URL is not set");
  });
});
