import { isTradingDay } from "@amc/streams/market/calendar";
import { settlementDates } from "@amc/streams/short-interest/finra-calendar";
import { describe, expect, it } from "vitest";
import { MockMarket } from "../market/mock-market.ts";
import type { MockRequest } from "../mock-answer.ts";
import { finraDataOfMarket, mockFinra } from "./finra.ts";

const BASE = "/data/group/otcMarket/name";

describe("the mock of FINRA", () => {
  let nowMs = Date.UTC(2025, 8, 12, 14);
  const mock = mockFinra(finraDataOfMarket(new MockMarket(["GME", "AMC"]), () => nowMs));
  const ask = (path: string, body?: object) => {
    const method = body === undefined ? "GET" : "POST";
    const url = new URL(path, "http://mock");
    const request: MockRequest = { method, url, headers: {}, body: JSON.stringify(body), atMs: 0 };
    return mock.answer(request);
  };
  const rowsOf = (dataset: string, fieldName: string, fieldValue: string) => {
    const compareFilters = [{ compareType: "EQUAL", fieldName, fieldValue }];
    return ask(`${BASE}/${dataset}`, { limit: 5_000, offset: 0, compareFilters });
  };

  it("gives the planning documents' two answers under their names, on business days (R-TST-12)", () => {
    const volume = JSON.parse(ask(`${BASE}/DAILY_SHORT_VOLUME?symbol=GME`).body);
    expect(volume).toEqual({
      data: [
        {
          ...{ symbol: "GME", shortVolume: 150_000, totalVolume: 500_000 },
          ...{ shortVolumeRatio: 0.3, date: "2025-09-05" },
        },
      ],
    });
    const interest = JSON.parse(ask(`${BASE}/SHORT_INTEREST?symbol=GME`).body);
    expect(interest).toEqual({
      data: [
        {
          ...{ symbol: "GME", shortInterestShares: 2_500_000, floatShares: 15_000_000 },
          ...{ shortInterestRatio: 0.167, settlementDate: "2025-08-29" },
        },
      ],
    });
    expect(isTradingDay(volume.data[0].date)).toBe(true);
    expect(settlementDates(2025)).toContain(interest.data[0].settlementDate);
  });

  it("publishes short interest when FINRA does and not before", () => {
    nowMs = Date.UTC(2025, 8, 9, 14);
    expect(rowsOf("consolidatedShortInterest", "settlementDate", "2025-08-29").status).toBe(204);
    nowMs = Date.UTC(2025, 8, 11, 14);
    const rows = JSON.parse(
      rowsOf("consolidatedShortInterest", "settlementDate", "2025-08-29").body,
    );
    expect(rows).toHaveLength(2);
    expect(rowsOf("consolidatedShortInterest", "settlementDate", "2025-08-28").status).toBe(204);
  });

  it("publishes the volume of a day at 18:00 in New York and not before", () => {
    nowMs = Date.UTC(2025, 8, 5, 21, 59);
    expect(ask("/equity/regsho/daily/CNMSshvol20250905.txt").status).toBe(404);
    expect(rowsOf("regShoDaily", "tradeReportDate", "2025-09-05").status).toBe(204);
    nowMs = Date.UTC(2025, 8, 5, 22);
    const { body } = ask("/equity/regsho/daily/CNMSshvol20250905.txt");
    expect(body).toMatch(
      /^Date\|Symbol\|.*\n20250905\|AMC\|\d+\|\d+\|\d+\|Q,N\n20250905\|GME\|.*\n2\n$/,
    );
    expect(ask("/equity/regsho/daily/CNMSshvol20250906.txt").status).toBe(404);
  });
});
