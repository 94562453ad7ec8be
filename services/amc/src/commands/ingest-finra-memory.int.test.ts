import { fileURLToPath } from "node:url";
import type { MockServer } from "@amc/mock-providers/mock-server";
import { startMockFinra } from "@amc/mock-providers/testing/start-mock-finra";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const SETTLEMENT = "2025-08-29";
/** As many symbols as FINRA reports of the whole market. */
const WHOLE_MARKET = 21_000;
/** R-ING-20. */
const LIMIT_MB = 512;
/** Symbols of a date that is never as large, of which FINRA's 40 pages would still tell. */
const FAR_TOO_MANY = 195_000;
const TELLS_ITS_PEAK = fileURLToPath(new URL("../testing/peak-memory.ts", import.meta.url));

/** A row as FINRA has it, with every field: about 530 bytes. */
function rowOf(at: number) {
  const symbolCode = `S${at.toString(36).toUpperCase()}`;
  return {
    ...{ accountingYearMonthNumber: 20250829, symbolCode, settlementDate: SETTLEMENT },
    ...{ issueName: `Holdings of ${symbolCode} Corporation Common Stock`, marketClassCode: "NNM" },
    issuerServicesGroupExchangeCode: "R",
    ...{ currentShortPositionQuantity: 2_500_000 + at, previousShortPositionQuantity: 2_400_000 },
    ...{ stockSplitFlag: null, averageDailyVolumeQuantity: 1_250_000, daysToCoverQuantity: 2 },
    ...{ revisionFlag: null, changePercent: 4.17, changePreviousNumber: 100_000 + at },
  };
}

describe("a date of the whole market, asked from FINRA (R-ING-20)", () => {
  let directory: TestDirectory;
  let mock: MockServer;

  beforeEach(async () => {
    directory = new TestDirectory();
    await (await logAt(directory.path)).close();
  });
  afterEach(async () => {
    await mock.close();
    directory.dispose();
  });

  /** In a process of its own, which tells how much memory it had at its peak, in MB. */
  async function ingested(symbols: number, limit: string) {
    const consolidatedShortInterest = Array.from({ length: symbols }, (_, at) => rowOf(at));
    mock = await startMockFinra({ datasets: { consolidatedShortInterest } });
    const result = await runCommand(
      ["ingest", "finra", "--settlement", SETTLEMENT, "--data-dir", directory.path, "--json"],
      {
        FINRA_API_BASE_URL: `${mock.origin}/name`,
        SHORT_INTEREST_MEMORY_LIMIT: limit,
        NODE_OPTIONS: `--import=${TELLS_ITS_PEAK}`,
      },
    );
    const peakMb = Number(/^peak memory: (\d+) MB$/m.exec(result.stderr)?.[1]);
    console.log({ symbols, limit, peakMb, exitCode: result.exitCode });
    return { result, peakMb };
  }

  it("of 21,000 symbols is appended in less than 512 MB, all of the process counted", async () => {
    const { result, peakMb } = await ingested(WHOLE_MARKET, `${LIMIT_MB}MB`);
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(jsonLines(result)).toMatchObject([{ facts: WHOLE_MARKET, known: 0, refused: {} }]);
    expect(peakMb).toBeLessThan(LIMIT_MB);
  }, 120_000);

  it("control: of so many that they would take more, takes more where that is allowed", async () => {
    const { result, peakMb } = await ingested(FAR_TOO_MANY, "16GB");
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(peakMb).toBeGreaterThan(LIMIT_MB);
  }, 240_000);

  it("that would take more than SHORT_INTEREST_MEMORY_LIMIT ends its job and not the process, and says what to do", async () => {
    const { result, peakMb } = await ingested(FAR_TOO_MANY, `${LIMIT_MB}MB`);
    expect(result.exitCode).toBe(EXIT.unavailable);
    expect(result.stderr).toMatch(
      /about 2025-08-29 takes \d+ MB of memory and more, SHORT_INTEREST_MEMORY_LIMIT allows 512 MB: raise it/,
    );
    expect(peakMb).toBeLessThan(LIMIT_MB);
  }, 120_000);
});
