import { startMockFinra } from "@amc/mock-providers/testing/start-mock-finra";
import { jobTick } from "@amc/platform/jobs/testing/job-tick";
import { readPartition } from "@amc/platform/log/read-partition";
import { decodeEvent } from "@amc/schemas/codec";
import type { JobName } from "@amc/streams/jobs/job-table";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { ServiceProcess, textIn, until } from "../testing/service-process.ts";

// A killed member is missed after ten seconds, and another suite may have the processors.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const skipped = stackParts.map((part) => part.skipped).join("");
const isMissing = stackParts.some(({ address }) => address === null);
const LIMITS = { maxRecords: 1_000, maxBytes: 1_000_000 };

const rows = ["2025-08-15", "2025-08-29"].flatMap((settlementDate) =>
  ["GME", "AMC", "KOSS"].map((symbolCode) => ({
    ...{ symbolCode, settlementDate, currentShortPositionQuantity: 2_500_000, revisionFlag: "" },
  })),
);

interface Seen {
  readonly id: string;
  readonly settlementDate: string;
}

async function interestIn({ log }: RealStack): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let partition = 0; partition < log.partitions("short.interest.v1"); partition += 1) {
    for await (const record of readPartition(log, "short.interest.v1", partition, LIMITS)) {
      const decoded = decodeEvent("short.interest.v1", record.value ?? new Uint8Array());
      if (!decoded.ok) throw new TypeError(decoded.code);
      const { settlementDate } = decoded.value;
      seen.push({ id: record.headers.ce_id ?? "", settlementDate });
    }
  }
  return seen;
}

/** What a scheduler publishes when a job is due. */
async function ask({ log }: RealStack, job: JobName, date: string, time: string): Promise<void> {
  const atMs = newYorkToUtc(date, time);
  await log.commit({ appends: [jobTick(job, atMs)] });
}

describe.skipIf(isMissing)(`short interest on Kafka${skipped}`, () => {
  let stack: RealStack;
  let mock: Awaited<ReturnType<typeof startMockFinra>>;

  beforeAll(async () => {
    mock = await startMockFinra({ datasets: { consolidatedShortInterest: rows } });
    stack = await openRealStack();
  });

  const start = (): ServiceProcess => {
    const service = new ServiceProcess(["short-interest"], {
      ...stack.environment,
      ...{ FINRA_API_BASE_URL: `${mock.origin}/name`, FINRA_CDN_BASE_URL: mock.origin },
    });
    onTestFinished(() => service.kill());
    return service;
  };

  afterAll(async () => {
    await stack?.close();
    await mock?.close();
  });

  it("is collected once per date, whichever of two services is killed", async () => {
    const first = start();
    await first.said("service");
    await ask(stack, "collect-short-interest-data", "2025-09-03", "10:00");
    await until(
      async () => (await interestIn(stack)).length === 3 && first.log.includes("a job is done"),
      () => first.log.slice(-3_000),
    );
    const second = start();
    await second.said("service");
    await first.kill();
    await ask(stack, "short_interest_check", "2025-09-11", "00:00");
    await until(
      async () => (await interestIn(stack)).length === 6 && second.log.includes("a job is done"),
      () => second.log.slice(-3_000),
    );
    const seen = await interestIn(stack);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(6);
    expect(seen.map(({ settlementDate }) => settlementDate).toSorted()).toEqual([
      ...["2025-08-15", "2025-08-15", "2025-08-15"],
      ...["2025-08-29", "2025-08-29", "2025-08-29"],
    ]);
    // One call for each date: what the one that was killed had asked for was not asked for again.
    expect(mock.requests()).toBe(2);
    const [line] = await second.said("service");
    expect((await fetch(`${textIn(line, "address")}/readyz`)).status).toBe(200);
    expect(await second.stop(), second.log.slice(-2_000)).toBe(0);
  });
});
