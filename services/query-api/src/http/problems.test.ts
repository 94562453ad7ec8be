import { describe, expect, it } from "vitest";
import { guardedReadModel } from "../read-model/guarded-read-model.ts";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

describe("failures inside", () => {
  function failing(error: Error) {
    const told = memoryReadModel({ story: story() });
    return apiUnderTest({ readModel: guardedReadModel(told, () => Promise.reject(error)) });
  }

  it("are answered without their text or stack", async () => {
    const app = await failing(new Error("password=hunter2 at /srv/secret.ts:1"));
    const answer = await app.inject({ url: "/recommendations" });
    expect(answer.statusCode).toBe(500);
    expect(answer.json().type).toBe("urn:amc:problem:internal");
    expect(answer.body).not.toMatch(/hunter2|secret|\.ts/);
  });

  it.each([
    ["a cancelled statement", "57014", "urn:amc:problem:query-timeout"],
    ["a refused connection", "ECONNREFUSED", "urn:amc:problem:unavailable"],
    ["a server that shuts down", "57P01", "urn:amc:problem:unavailable"],
  ])("answer 503 with Retry-After for %s", async (_, code, type) => {
    const app = await failing(Object.assign(new Error("driver text"), { code }));
    const answer = await app.inject({ url: "/recommendations" });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers["retry-after"]).toBe("2");
    expect(answer.json().type).toBe(type);
  });

  it("answer 503 for a broken connection that the driver has no code for", async () => {
    const app = await failing(new Error("Connection terminated unexpectedly"));
    const answer = await app.inject({ url: "/recommendations" });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.json().type).toBe("urn:amc:problem:unavailable");
  });

  it("leave /livez alive, /readyz not ready with the reason and since when, and /health unhealthy", async () => {
    const app = await failing(Object.assign(new Error("x"), { code: "ECONNREFUSED" }));
    expect((await app.inject({ url: "/livez" })).statusCode).toBe(200);
    const ready = await app.inject({ url: "/readyz" });
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toEqual({
      ready: false,
      reasons: [
        "database: fails with ECONNREFUSED since 2021-01-13T15:31:00.000Z",
        "projector: fails with ECONNREFUSED",
      ],
    });
    const health = await app.inject({ url: "/health" });
    expect(health.statusCode).toBe(503);
    expect(health.json()).toMatchObject({
      status: "unhealthy",
      components: { database: { status: "unhealthy" } },
    });
  });
});
