import { type MockServer, startMockServer } from "@amc/mock-providers/mock-server";
import { mockAnthropic } from "@amc/mock-providers/providers/anthropic";
import { projectAll } from "@amc/projector/testing/projector-fixture";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import { apiUnderTest } from "@amc/query-api/testing/api-under-test";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { run } from "@amc/streams/testing/projected-events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";

const missing = stackParts.map(({ skipped }) => skipped).join("");

describe.skipIf(missing !== "")(`amc insight --kafka${missing}`, () => {
  let stack: RealStack;
  let mock: MockServer;
  beforeAll(async () => {
    stack = await openRealStack();
    mock = await startMockServer(mockAnthropic());
  }, 120_000);
  afterAll(async () => {
    await mock.close();
    await stack.close();
  });

  const insight = (...words: readonly string[]) =>
    runCommand(["insight", "--kafka", "--json", ...words], {
      ...stack.environment,
      ...{ ANTHROPIC_BASE_URL: mock.origin, ANTHROPIC_API_KEY: "canary-of-a-key" },
    });

  it("asks about the runs on Kafka, and its call is a row that no component of /health is made of", async () => {
    const topic = "discovery.run.v1";
    const { id, key, value: event } = run({ universe: 1_000 });
    const headers = eventHeaders({ id, source: "/test", topic, happenedAt: event.happenedAt });
    await stack.log.commit({
      appends: [{ topic, key, value: encodeEvent(topic, event), headers }],
    });
    const [question] = jsonLines(await insight("--dry-run"));
    expect(mock.requests()).toBe(0);
    const result = await insight();
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(jsonLines(result)).toMatchObject([
      { insight: { summary: /of 1 runs/ }, inputHash: question?.inputHash },
    ]);
    expect(mock.requests()).toBe(1);
    await projectAll(stack.database, stack.log);
    const pool = stack.database.pool("api");
    const { rows } = await pool.query("SELECT provider_name, success FROM provider_api_calls");
    expect(rows).toEqual([{ provider_name: "anthropic", success: true }]);
    const readModel = createPostgresReadModel(pool);
    const app = await apiUnderTest({ log: stack.log, readModel });
    const health = await app.inject({ url: "/health" });
    await app.close();
    expect(health.body).toContain("finra");
    expect(health.body).not.toContain("anthropic");
  });
});
