import { describe, expect, it } from "vitest";
import { apiUnderTest, memoryLog, NOW_MS } from "../testing/api-under-test.ts";

describe("/metrics", () => {
  it("shows an alert that no sender takes as input that waits", async () => {
    const log = memoryLog(1);
    const topic = "alerts.requested.v1";
    await log.commit({ appends: [{ topic, key: "GME", value: null, headers: {} }] });
    const app = await apiUnderTest({ log, nowMs: () => NOW_MS + 90_000 });
    const { body } = await app.inject({ url: "/metrics" });
    const unit = '{subtopology="alert-sender-console",partition="0"}';
    expect(body).toContain(`amc_stage_waiting_seconds${unit} 90`);
  });

  it("shows an alert that the sender of text messages has not taken, where there is one, for a week", async () => {
    const log = memoryLog(1);
    const topic = "alerts.requested.v1";
    let nowMs = NOW_MS + 90_000;
    await log.commit({ appends: [{ topic, key: "GME", value: null, headers: {} }] });
    const app = await apiUnderTest({ log, nowMs: () => nowMs });
    const told = async () => {
      const { body } = await app.inject({ url: "/metrics" });
      const unit = '{subtopology="alert-sender-sms",partition="0"}';
      return body.split("\n").find((line) => line.startsWith(`amc_stage_waiting_seconds${unit}`));
    };
    expect(await told()).toBeUndefined();
    const lease = await log.acquire("alert-sender-sms", 0);
    await log.commit({ appends: [], lease, positions: [{ topic, partition: 0, next: 0 }] });
    expect(await told()).toMatch(/ 90$/);
    // Whoever was paged for the first alert of a stuck sender is for those of the days behind it, too.
    nowMs = NOW_MS + 7 * 86_400_000;
    expect(await told()).toMatch(/ 604800$/);
    nowMs += 1;
    expect(await told()).toBeUndefined();
  });
});
