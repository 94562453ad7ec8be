import { describe, expect, it } from "vitest";
import { problemsOf } from "./testing/problems-of.ts";

describe("a variable of celery (R-PY-12)", () => {
  it.each([
    ["CELERY_BROKER_URL", "redis://hunter2@redis:6379/1", "KAFKA_BROKERS"],
    ["CELERY_BEAT_SCHEDULE_ENABLED", "true", "SCHEDULER_ENABLED"],
    ["CELERY_WORKER_CONCURRENCY", "2", "SCHEDULER_JOB_CONCURRENCY"],
    ["CELERY_TASK_ALWAYS_EAGER", "true", "SCHEDULER_JOBS_INLINE"],
  ])("%s=%s is refused with the name of its successor %s", (variable, value, successor) => {
    const [problem, ...others] = problemsOf({ [variable]: value });
    expect(problem).toEqual({ variable, message: expect.stringContaining(`give ${successor} `) });
    expect(problem?.message).not.toContain("hunter2");
    expect(others).toEqual([]);
  });

  it.each([
    ["CELERY_RESULT_BACKEND", "redis://redis:6379/1", "GET /jobs"],
    ["CELERY_TIMEZONE", "America/New_York", "New York"],
    ["CELERY_TASK_SERIALIZER", "json", "SCHEDULER_*"],
  ])("%s=%s, which needs no successor, is refused with the reason", (variable, value, why) => {
    const told = { variable, message: expect.stringContaining(why) };
    expect(problemsOf({ [variable]: value })).toEqual([told]);
  });

  it("is one of all problems that are named at once, and none where it is empty", () => {
    const named = problemsOf({ CELERY_TIMEZONE: "UTC", CELERY_BROKER_URL: "x", PORT: "?" });
    expect(named.map(({ variable }) => variable).sort()).toEqual([
      ...["CELERY_BROKER_URL", "CELERY_TIMEZONE", "PORT"],
    ]);
    expect(problemsOf({ CELERY_BROKER_URL: "" })).toEqual([]);
  });
});
