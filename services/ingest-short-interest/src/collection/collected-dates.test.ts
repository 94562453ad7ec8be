import { createMemoryLog } from "@amc/platform/log/memory";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { expect, it } from "vitest";
import { collectedChange, collectedDates, newestCollected } from "./collected-dates.ts";

it("what a mock has answered is not what FINRA was asked for", async () => {
  const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 }));
  const log = createMemoryLog(layout, () => 0);
  const lease = await log.acquire("jobs.short-interest", 0);
  const commit = (date: string, simulated: boolean) => {
    const state = [collectedChange("short volume", date, simulated)];
    return log.commit({ appends: [], lease, state });
  };
  const newest = async (simulated: boolean) =>
    newestCollected(await collectedDates(log, lease), "short volume", simulated);

  await commit("2025-09-05", true);
  expect([await newest(true), await newest(false)]).toEqual(["2025-09-05", null]);
  await commit("2025-09-04", false);
  expect([await newest(true), await newest(false)]).toEqual(["2025-09-05", "2025-09-04"]);
});
