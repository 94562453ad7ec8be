import { playRecording } from "@amc/ingest-recordings/player";
import { startTestPostgres } from "@amc/platform/postgres/testing";
import { Processor } from "@amc/processor/processor";
import { digestsOf, projectAll } from "@amc/projector/testing/projector-fixture";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openRecording } from "../recordings.ts";
import { projectable, projected } from "../testing/projection-progress.ts";
import {
  BUILT_IN,
  openRealStack,
  type RealStack,
  stackParts,
  TOPOLOGY,
} from "../testing/real-stack.ts";
import { until } from "../testing/service-process.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const skipped = stackParts.map((part) => part.skipped).join("");
const isMissing = stackParts.some(({ address }) => address === null);

describe.skipIf(isMissing)(`projectors that share the projections${skipped}`, () => {
  let stack: RealStack;

  beforeAll(async () => {
    stack = await openRealStack();
    const [recording, data] = BUILT_IN;
    await playRecording({ log: stack.log, ...(await openRecording(recording, data)) });
    const processor = await Processor.open({ log: stack.log, topology: TOPOLOGY });
    await processor.runUntilIdle();
  });

  afterAll(async () => {
    await stack?.close();
  });

  it("make the tables of a single one, though one of them is killed while it writes", async () => {
    const total = await projectable(stack.log);
    const [killed, left] = [stack.start("projector"), stack.start("projector")];
    const isUnderWay = async () => {
      const records = await projected(stack.database);
      return records > 0 && records < total;
    };
    await until(isUnderWay, () => killed.log.slice(-2_000));
    await killed.kill();
    const isDone = async () => (await projected(stack.database)) === total;
    await until(isDone, () => left.log.slice(-2_000));
    expect(await left.stop(), left.log).toBe(0);

    const single = await startTestPostgres();
    await projectAll(single, stack.log);
    expect(await digestsOf(stack.database)).toEqual(await digestsOf(single));
    await single.drop();
  });
});
