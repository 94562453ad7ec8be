import { describeLogContract } from "./log.contract.ts";
import { createMemoryLog } from "./memory.ts";

describeLogContract("memory log", async (layout) => {
  let nowMs = 1_610_548_200_000;
  const log = createMemoryLog(layout, () => nowMs);
  return {
    log,
    later: async () => {
      nowMs += 1_000;
    },
    reopen: async () => log,
    close: () => log.close(),
  };
});
