import type { MockServer } from "@amc/mock-providers/mock-server";
import { startMockFinra } from "@amc/mock-providers/testing/start-mock-finra";
import { eventsOf, providerUnderTest } from "@amc/platform/http/testing/provider-under-test";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Finra } from "../providers/finra/finra.ts";
import { breakerTrialJobs } from "./breaker-trial.ts";

const START_MS = newYorkToUtc("2025-09-12", "10:00");
const never = new AbortController().signal;

describe("circuit_breaker_reset (R-JOB-16)", () => {
  let mock: MockServer;
  let under: ReturnType<typeof providerUnderTest>;
  let finra: Finra;

  beforeEach(async () => {
    const row = { symbolCode: "GME", settlementDate: "2025-08-29", revisionFlag: "" };
    mock = await startMockFinra({
      datasets: {
        consolidatedShortInterest: [{ ...row, currentShortPositionQuantity: 2_500_000 }],
        regShoDaily: [],
      },
      files: {},
    });
    under = providerUnderTest("finra_short", mock.origin, { startMs: START_MS });
    finra = new Finra({
      client: under.client,
      ...{ apiUrl: `${mock.origin}/name`, filesUrl: mock.origin },
    });
  });
  afterEach(async () => {
    await under.close();
    await mock.close();
  });

  async function run() {
    const { clock, log } = under;
    const handler = breakerTrialJobs(finra).get("circuit_breaker_reset");
    if (handler === undefined) throw new TypeError("nobody's job");
    return await handler(clock.nowMs(), never, await log.acquire("jobs.short-interest", 0));
  }

  const changes = async () =>
    (await eventsOf(under.log, "ops.circuit-breaker.v1")).map(({ change }) => change);

  /** Three failures in a row, which open the breaker of FINRA for 300 s. */
  async function opened(): Promise<void> {
    mock.failWith("500");
    await expect(finra.answers("2025-08-29")).rejects.toMatchObject({});
    expect(await changes()).toEqual(["OPENED"]);
  }

  it("asks nobody while the breaker is closed, nor before its time is over", async () => {
    expect(await run()).toEqual({ processed: 0, successful: 0, failed: 0 });
    expect(mock.requests()).toBe(0);
    await opened();
    const asked = mock.requests();
    under.clock.advance(299_000);
    expect(await run()).toEqual({ processed: 0, successful: 0, failed: 0 });
    expect(mock.requests()).toBe(asked);
    expect(under.client.awaitsTrial).toBe(false);
  });

  it("tries a provider that answers again, half-open first, until its breaker closes", async () => {
    await opened();
    mock.failWith(null);
    under.clock.advance(300_000);
    expect(await run()).toEqual({ processed: 2, successful: 2, failed: 0 });
    expect(await changes()).toEqual(["OPENED", "HALF_OPENED", "CLOSED"]);
    expect(await eventsOf(under.log, "short.interest.v1")).toEqual([]);
  });

  it("leaves the breaker of a provider that is still away open, after one call", async () => {
    await opened();
    const asked = mock.requests();
    under.clock.advance(300_000);
    expect(await run()).toEqual({ processed: 1, successful: 0, failed: 1 });
    expect(mock.requests()).toBe(asked + 1);
    expect(await changes()).toEqual(["OPENED", "HALF_OPENED", "OPENED"]);
  });
});
