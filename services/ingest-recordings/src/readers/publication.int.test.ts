import { afterEach, describe, expect, it } from "vitest";
import {
  eastern,
  folderOf,
  manifestOf,
  type ReadItems,
  readAll,
  valuesOf,
} from "../testing/fixtures.ts";
import { splitRatio } from "./lean-factor.ts";

const folders: { remove(): Promise<void> }[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

async function read(text: string, source: object): Promise<ReadItems> {
  const folder = await folderOf({ "file.txt": text });
  folders.push(folder);
  return readAll(
    manifestOf({ sources: [{ name: "source", path: "file.txt", ...source }] }),
    folder.path,
  );
}

describe("short interest", () => {
  const source = {
    format: "delimited",
    kind: "short-interest",
    symbol: "ACME",
    columns: { settlementDate: "date", sharesShort: "shares", daysToCover: "days" },
  };

  it("is public at 18:00 ET of the 7th business day, a one-off closure counting (TV-FIN-02, 13)", async () => {
    const { facts } = await read(
      "date,shares,days\n2024-12-31,100,2.5\n2025-06-13,200,999.99\n",
      source,
    );
    expect(valuesOf(facts, "short.interest.v1")).toMatchObject([
      {
        publishedAt: eastern("2025-01-10 18:00"),
        daysToCover: 2.5,
        happenedAt: eastern("2024-12-31 16:00"),
      },
      // 999.99 is FINRA's cap and says no more than "at least".
      { publishedAt: eastern("2025-06-25 18:00", "EDT"), daysToCover: null },
    ]);
  });

  it("with dates that are none or figures below zero is rejected", async () => {
    const { rejected } = await read(
      "date,shares,days\n2024-02-30,100,1\n2024-12-31,-1,1\n",
      source,
    );
    expect(rejected.map(({ code, column }) => [code, column])).toEqual([
      ["stamp.invalid", 1],
      ["domain.negative", 2],
    ]);
  });
});

describe("fails to deliver", () => {
  const source = {
    format: "delimited",
    kind: "fails-to-deliver",
    symbol: "ACME",
    columns: { settlementDate: 0, quantity: 1, price: 2 },
    header: false,
  };

  it("of a first half are public on the month's last day, of a second half on the 15th of the next", async () => {
    const { facts } = await read("2020-12-15,10,5\n2020-12-16,11,0.0\n2021-01-04,12,5\n", source);
    expect(
      valuesOf(facts, "short.fails-to-deliver.v1").map(({ publishedAt, price }) => [
        publishedAt,
        price,
      ]),
    ).toEqual([
      [eastern("2020-12-31 18:00"), 5],
      [eastern("2021-01-15 18:00"), null],
      // 31 January 2021 is a Sunday.
      [eastern("2021-02-01 18:00"), 5],
    ]);
  });
});

describe("FINRA's daily file", () => {
  const HEADER = "Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market";

  it("ends with a count that is no row, and states no more short than total volume", async () => {
    const text = `${HEADER}\r\n20240105|ACME|10.5|0|20.25|B,Q,N\r\n20240105|BETA|30|0|20|Q\r\n2\r\n`;
    const { facts, rejected } = await read(text, { format: "finra-pipe" });
    expect(valuesOf(facts, "short.volume.v1")).toMatchObject([
      { symbol: "ACME", shortVolume: 10.5 },
    ]);
    expect(rejected.map(({ code, row }) => [code, row])).toEqual([["domain.out-of-range", 3]]);
  });

  it("of a closed day is rejected, and another header stops the recording", async () => {
    const { rejected } = await read(`${HEADER}\n20240106|ACME|1|0|2|Q\n`, { format: "finra-pipe" });
    expect(rejected.map(({ code }) => code)).toEqual(["time.not-a-trading-day"]);
    await expect(read("a|b\n1|2\n", { format: "finra-pipe" })).rejects.toMatchObject({
      code: "recording.source-unreadable",
    });
  });
});

describe("dated events", () => {
  const source = { format: "dated-events", symbol: "ACME" };

  it("are public the next trading morning, over a weekend on Monday", async () => {
    const events = {
      "2021-01-15": [
        { headline: "A <b>good</b> Friday for S&amp;P", source: [["https://a.example"]] },
      ],
    };
    const { facts } = await read(JSON.stringify(events), source);
    // Monday the 18th was Martin Luther King's day.
    expect(valuesOf(facts, "market.news.v1")).toMatchObject([
      {
        headline: "A good Friday for S&P",
        happenedAt: eastern("2021-01-15 00:00"),
        publishedAt: eastern("2021-01-19 04:00"),
        url: "https://a.example",
        timePrecision: "DAY",
        polarity: null,
      },
    ]);
  });

  it("are refused when headline or description names a later date, and when they are malformed", async () => {
    const events = {
      "2021-01-04": [
        { headline: "Rating kept", description: "In a report of January 8" },
        { headline: "" },
        "text",
        { headline: "NUL \u0000 inside" },
      ],
      "2021-02-30": [{ headline: "No such day" }],
    };
    const { facts, rejected } = await read(JSON.stringify(events), source);
    expect(facts).toEqual([]);
    expect(rejected.map(({ row, code }) => [row, code])).toEqual([
      [1, "text.names-later-date"],
      [2, "domain.length"],
      [3, "event.form"],
      [4, "domain.control-character"],
      [5, "stamp.invalid"],
    ]);
  });

  it("that are no JSON stop the recording", async () => {
    await expect(read("{", source)).rejects.toMatchObject({ code: "recording.source-unreadable" });
  });
});

describe("news", () => {
  const source = {
    format: "delimited",
    kind: "news",
    symbol: "ACME",
    stamp: { unit: "iso" },
    columns: { timestamp: "at", headline: "headline", polarity: "polarity" },
  };
  const TEXT = 'at,headline,polarity\n2021-01-13T14:30:00Z,"Up, up",0.5\n2021-01-13,Later,-0.25\n';

  it("has the source's polarity, and waits for the next morning where it has no time", async () => {
    const { facts } = await read(TEXT, source);
    expect(valuesOf(facts, "market.news.v1")).toMatchObject([
      {
        headline: "Up, up",
        polarity: 0.5,
        publishedAt: eastern("2021-01-13 09:30"),
        timePrecision: "INSTANT",
      },
      { polarity: -0.25, publishedAt: eastern("2021-01-14 04:00"), timePrecision: "DAY" },
    ]);
  });

  it("never has polarity when it was curated afterwards", async () => {
    const { facts } = await read(TEXT, { ...source, curated: true });
    expect(valuesOf(facts, "market.news.v1").map(({ polarity }) => polarity)).toEqual([null, null]);
  });

  it("keeps text that a spreadsheet would run, and refuses polarity beyond one", async () => {
    const { facts, rejected } = await read(
      "at,headline,polarity\n2021-01-13T14:30:00Z,=cmd|x,1.5\n2021-01-13T14:30:00Z,=cmd|x,\n",
      source,
    );
    expect(valuesOf(facts, "market.news.v1")[0]?.headline).toBe("=cmd|x");
    expect(rejected.map(({ code, column }) => [code, column])).toEqual([
      ["domain.out-of-range", 3],
    ]);
  });
});

describe("reference figures", () => {
  it("need the instant of their publication, and it cannot lie before their date", async () => {
    const source = {
      format: "delimited",
      kind: "reference",
      symbol: "ACME",
      field: "FLOAT_SHARES",
      precision: "EXACT",
      columns: { date: "date", value: "value", publishedAt: "published" },
    };
    const { facts, rejected } = await read(
      "date,value,published\n2021-01-04,5000000,2021-01-05T09:00:00-05:00\n2021-01-04,5000000,\n2021-01-04,5000000,2021-01-03T09:00:00-05:00\n",
      source,
    );
    expect(valuesOf(facts, "market.reference.v1")).toMatchObject([
      { field: "FLOAT_SHARES", value: 5_000_000, publishedAt: eastern("2021-01-05 09:00") },
    ]);
    expect(rejected.map(({ code }) => code)).toEqual([
      "field.missing",
      "time.published-before-happening",
    ]);
  });
});

describe("splitRatio", () => {
  it.each([
    [0.0357143, 0.25, 7],
    [0.00892857, 0.0178571, 2],
    [0.5, 0.75, 1.5],
    [1, 0.05, 0.05],
    [0.333333, 0.5, 1.5],
    [1, 1 / 3, 1 / 3],
    [0.997307, 1, 1.0027],
  ])("of factors %d and %d is %d", (before, after, ratio) => {
    expect(splitRatio(before, after)).toBeCloseTo(ratio, 12);
  });
});
