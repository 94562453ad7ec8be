import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../log/memory.ts";
import { HALT_LAYOUT, HALTS, halt, sliceEnd, WATCHING } from "../log/testing/halts.ts";
import { logWithForeign } from "../log/testing/log-with-foreign.ts";
import { StageRunner } from "./stage-runner.ts";

describe("a stage among records of other writers", () => {
  it("goes on past one that is larger than any of ours, and the next process does too", async () => {
    const inner = createMemoryLog(HALT_LAYOUT, () => 0);
    await inner.commit({ appends: [halt(0), halt(1), sliceEnd(2)] });
    const large = new Map([[0, { value: Buffer.alloc(4 * 1024 * 1024) }]]);
    const log = logWithForeign(inner, HALTS, large);
    const options = { log, subtopology: WATCHING, partition: 0 };
    const runner = await StageRunner.open(options);
    await runner.runUntilIdle();
    expect(runner.counts).toMatchObject({ applied: 1, deadLettered: 1, ticks: 1 });
    expect(await (await StageRunner.open(options)).runUntilIdle()).toBe(0);
    const letters = await log.read(`${HALTS}.dlq`, 0, 0, { maxRecords: 10, maxBytes: 1e9 });
    expect(letters.map(({ headers }) => headers)).toEqual([
      expect.objectContaining({
        ...{ "dlq-code": "envelope.too-large", "dlq-topic": HALTS, "dlq-offset": "0" },
        ...{ "dlq-truncated": "value", "dlq-value-bytes": "4194304" },
      }),
    ]);
  });
});
