import { isProviderError } from "@amc/platform/http/provider-error";
import { describe, expect, it } from "vitest";
import { dailyFileOf, readDailyFile } from "./daily-file.ts";
import { readPage } from "./page.ts";
import { interestRow, shortInterestOf } from "./short-interest.ts";
import { shortVolumeOf } from "./short-volume.ts";

const SETTLEMENT = "2025-08-29";
const TRADE_DATE = "2025-09-05";
/** 2025-09-12 12:00 UTC, after both were published. */
const RECEIVED_AT = Date.UTC(2025, 8, 12, 12);
const PROVENANCE = {
  ...{ source: "finra", confidence: 0.95, simulated: false },
  captured: { at: RECEIVED_AT, latencyMs: 120 },
};

/** The planning documents' mock row, on dates that exist (C-07). */
const INTEREST = {
  ...{ symbolCode: "XYZ", settlementDate: SETTLEMENT },
  ...{ currentShortPositionQuantity: 2_500_000, previousShortPositionQuantity: 2_400_000 },
  ...{ averageDailyVolumeQuantity: 500_000, daysToCoverQuantity: 5, revisionFlag: null },
};
const facility = (code: string, short: number, total: number, rest: object = {}) => ({
  ...{ tradeReportDate: TRADE_DATE, securitiesInformationProcessorSymbolIdentifier: "XYZ" },
  ...{ reportingFacilityCode: code, marketCode: "Q" },
  ...{ shortParQuantity: short, shortExemptParQuantity: 10, totalParQuantity: total },
  ...rest,
});
const interestOf = (...rows: readonly object[]) => shortInterestOf(rows, SETTLEMENT, PROVENANCE);
const volumeOf = (...rows: readonly object[]) => shortVolumeOf(rows, TRADE_DATE, PROVENANCE);
const good = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...INTEREST, symbolCode: `G${index}` }));
const httpOf = (text: string) => ({ status: 200, body: Buffer.from(text) });

describe("a row of short interest", () => {
  it("becomes a fact that is public from the 7th business day on (R-ING-02)", () => {
    const { facts, refused } = interestOf(INTEREST);
    expect(refused).toEqual([]);
    expect(facts).toMatchObject([
      {
        topic: "short.interest.v1",
        value: {
          symbol: "XYZ",
          // TV-FIN: settlement 2025-08-29 is published on 2025-09-10, 18:00 ET.
          publishedAt: Date.UTC(2025, 8, 10, 22),
          capturedAt: RECEIVED_AT,
          providerLatencyMs: 120,
          confidence: 0.95,
          settlementDate: SETTLEMENT,
          sharesShort: 2_500_000,
          previousSharesShort: 2_400_000,
          averageDailyVolume: 500_000,
          daysToCover: 5,
          revision: false,
        },
      },
    ]);
  });

  it("that comes again with another figure is refused with its like, and a copy is one (F28)", () => {
    const other = { ...INTEREST, currentShortPositionQuantity: 9_500_000 };
    const { facts, refused } = interestOf(INTEREST, other, ...good(3));
    expect(facts).toHaveLength(3);
    expect(refused).toMatchObject([{ symbol: "XYZ", code: "finra.conflict" }]);
    expect(interestOf(INTEREST, { ...INTEREST }).facts).toHaveLength(1);
  });

  it("that comes before its day is public since it is here, and a revision too", () => {
    const early = { ...PROVENANCE, captured: { at: Date.UTC(2025, 8, 10, 20), latencyMs: 1 } };
    const { facts } = shortInterestOf([INTEREST], SETTLEMENT, early);
    expect(facts[0]?.value.publishedAt).toBe(early.captured.at);
    const revised = interestOf({ ...INTEREST, revisionFlag: "Y" }).facts[0]?.value;
    expect(revised).toMatchObject({ publishedAt: RECEIVED_AT, revision: true });
  });

  it("has no days to cover where FINRA's cap says only that there are many", () => {
    const { facts } = interestOf({ ...INTEREST, daysToCoverQuantity: 999.99 });
    expect(facts[0]?.value).toMatchObject({ daysToCover: null });
  });

  it.each([
    ["finra.shape", { currentShortPositionQuantity: -1 }],
    ["finra.shape", { currentShortPositionQuantity: "2500000" }],
    ["finra.shape", { currentShortPositionQuantity: null }],
    ["finra.shape", { symbolCode: undefined }],
    ["finra.symbol", { symbolCode: "<script>" }],
    ["finra.symbol", { symbolCode: "" }],
    ["finra.other-date", { settlementDate: "2025-08-15" }],
    ["domain.out-of-range", { currentShortPositionQuantity: 1e300 }],
  ])("is refused as %s when it says %j", (code, wrong) => {
    const { facts, refused } = interestOf(...good(2), { ...INTEREST, ...wrong });
    expect(facts).toHaveLength(2);
    expect(refused.map((each) => each.code)).toEqual([code]);
  });
});

describe("a page", () => {
  const read = (text: string) => readPage(httpOf(text), (row) => interestRow(row, SETTLEMENT));

  it("is a list, a list under data, or nothing with status 204", () => {
    expect(read(JSON.stringify([INTEREST]))).toEqual([INTEREST]);
    expect(read(JSON.stringify({ data: [INTEREST] }))).toEqual([INTEREST]);
    expect(readPage({ status: 204, body: Buffer.alloc(0) }, () => undefined)).toEqual([]);
  });

  it.each([
    '[{"symbolCode":"XY',
    "<html>busy</html>",
    "",
    "null",
    '"text"',
    '{"message":"over quota"}',
    JSON.stringify([{ ...INTEREST, settlementDate: "2025-08-15" }]),
    JSON.stringify([INTEREST, { a: 1 }, { a: 2 }]),
    "\u0000",
  ])("is unreadable as a whole when it is %j", (text) => {
    expect(() => read(text)).toThrow(
      expect.toSatisfy((error) => isProviderError(error, "provider.unreadable")),
    );
  });
});

describe("rows of daily short volume", () => {
  it("are summed over the facilities (R-ING-03)", () => {
    const { facts } = volumeOf(facility("NQ", 100_000, 300_000), facility("NY", 50_000, 200_000));
    expect(facts).toMatchObject([
      {
        topic: "short.volume.v1",
        value: {
          symbol: "XYZ",
          shortVolume: 150_000,
          totalVolume: 500_000,
          shortExemptVolume: 20,
          facilities: "NQ,NY",
          // 18:00 ET of the trading day.
          publishedAt: Date.UTC(2025, 8, 5, 22),
        },
      },
    ]);
  });

  it("count once when they stand on two pages, and not at all when these differ", () => {
    const row = facility("NQ", 100_000, 300_000);
    expect(volumeOf(row, row).facts).toMatchObject([{ value: { totalVolume: 300_000 } }]);
    const others = [1, 2].map((n) =>
      facility("NQ", 1, 2, { securitiesInformationProcessorSymbolIdentifier: `O${n}` }),
    );
    const { facts, refused } = volumeOf(...others, row, facility("NQ", 1, 2));
    expect(facts).toHaveLength(2);
    expect(refused).toMatchObject([{ symbol: "XYZ", code: "finra.conflict" }]);
  });

  it("with more shares short than traded are refused", () => {
    const others = [1, 2].map((n) =>
      facility("NQ", 1, 2, { securitiesInformationProcessorSymbolIdentifier: `O${n}` }),
    );
    const { refused } = volumeOf(...others, facility("NQ", 300, 200));
    expect(refused).toMatchObject([{ code: "domain.out-of-range" }]);
  });
});

describe("a daily file", () => {
  // Form of FINRA's own file; the figures are made up.
  const HEADER = "Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market";
  const LINES = ["20250905|XYZ|299.172804|2|743.775886|B,Q,N", "20250905|BRK/B|1|0|2|Q"];
  const fileOf = (...lines: readonly string[]) => httpOf([HEADER, ...lines, ""].join("\n"));
  const read = (...lines: readonly string[]) =>
    dailyFileOf(readDailyFile(fileOf(...lines)), TRADE_DATE, PROVENANCE);

  it("gives a fact per line, fractional volumes and canonical symbols, with or without a count", () => {
    for (const lines of [LINES, [...LINES, "2"]]) {
      expect(read(...lines).facts.map(({ value }) => value)).toMatchObject([
        { symbol: "XYZ", shortVolume: 299.172804, totalVolume: 743.775886, facilities: "B,Q,N" },
        { symbol: "BRK.B", shortVolume: 1 },
      ]);
    }
  });

  it.each([
    httpOf(""),
    httpOf("<html>busy</html>"),
    httpOf([HEADER, LINES[0]].join("\n")),
    fileOf(...LINES, "3"),
    fileOf("20250904|XYZ|1|0|2|Q"),
    fileOf("20250905|XYZ|NaN|0|2|Q"),
    fileOf("20250905|XYZ|-1|0|2|Q"),
    fileOf("20250905|XYZ|1"),
  ])("of another form, day or length gives no fact at all", (answer) => {
    expect(() => dailyFileOf(readDailyFile(answer), TRADE_DATE, PROVENANCE)).toThrow(
      expect.toSatisfy((error) => isProviderError(error, "provider.unreadable")),
    );
  });

  it("loses one wrong line and keeps the others", () => {
    const { facts, refused } = read(...LINES, "20250905|ABC|5|0|2|Q");
    expect(facts).toHaveLength(2);
    expect(refused).toMatchObject([{ symbol: "ABC", code: "domain.out-of-range" }]);
  });
});
