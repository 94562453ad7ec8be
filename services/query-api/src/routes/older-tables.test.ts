import { describe, expect, it } from "vitest";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

describe("an API over tables of an older build", () => {
  it("is not ready, and says what to start, while /health tells it apart from an outage", async () => {
    const missingMigrations = ["015_hour_metrics", "016_sent_messages"];
    const readModel = memoryReadModel({ story: story(), missingMigrations });
    const app = await apiUnderTest({ readModel });
    const { statusCode, ...answer } = await app.inject({ url: "/readyz" });
    const detail =
      "lacks 2 of this build's migrations, from 015_hour_metrics on: start the projector of this build, it migrates";
    expect(statusCode).toBe(503);
    expect(answer.json().reasons).toEqual([`database: ${detail}`]);
    const health = await app.inject({ url: "/health" });
    expect(health.statusCode).toBe(200);
    expect(health.json().components.database).toEqual({ status: "degraded", detail });
  });

  it("shows the newest run although what is known of providers cannot be read", async () => {
    const told = memoryReadModel({ story: story() });
    const missing = () => Promise.reject(Object.assign(new Error("x"), { code: "42703" }));
    const app = await apiUnderTest({
      readModel: {
        ...told,
        read: (reads) => told.read((view) => reads({ ...view, providers: missing })),
      },
    });
    const { statusCode, body } = await app.inject({ url: "/metrics" });
    expect(statusCode).toBe(200);
    const duration = 'amc_discovery_run_duration_seconds{strategy="unified_detectors"}';
    expect(body).toContain(`${duration} 0.012`);
  });
});
