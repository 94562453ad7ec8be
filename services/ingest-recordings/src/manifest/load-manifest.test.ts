import { describe, expect, it } from "vitest";
import { isRecordingError } from "../errors.ts";
import { MINUTE_BARS, manifestOf } from "../testing/fixtures.ts";
import { parseManifest } from "./load-manifest.ts";

const SHORT_INTEREST = {
  kind: "short-interest",
  symbol: "GME",
  settlementDate: "2020-12-31",
  sharesShort: 71_200_000,
} as const;

const SPLIT = {
  kind: "corporate-action",
  symbol: "AAPL",
  action: "SPLIT",
  effectiveAt: "2014-06-09",
  publishedAt: "2014-04-23T16:30:00-04:00",
} as const;

function problemsOf(content: unknown): string {
  try {
    parseManifest(content, "mine.json");
  } catch (error) {
    if (isRecordingError(error, "recording.manifest-invalid")) return error.message;
    throw error;
  }
  return "";
}

function problemsOfSource(source: object): string {
  return problemsOf({
    name: "mine",
    description: "d",
    vendor: { name: "v", weight: 1 },
    sources: [{ ...MINUTE_BARS, ...source }],
  });
}

describe("parseManifest", () => {
  it("believes a known provider as the one table of weights does, and any other as its author (R-GAT-08)", () => {
    const weighed = (name: string, weight: number, source: object = {}) =>
      problemsOfSource({ ...source, vendor: { name, weight } });
    expect(weighed("polygon", 0.98)).toBe("");
    expect(weighed("my-feed", 0.37)).toBe("");
    expect(weighed("alpaca", 0.98)).toBe("");
    expect(weighed("alpaca", 0.6, { volumeScope: "VENUE" })).toBe("");
    expect(weighed("polygon", 1)).toContain("sources[0].vendor.weight: must be 0.98");
    expect(weighed("alpaca", 0.98, { volumeScope: "VENUE" })).toContain("must be 0.6");
    const inline = [{ ...SHORT_INTEREST, vendor: { name: "finra", weight: 0.9 } }];
    expect(
      problemsOf({ name: "mine", description: "d", vendor: { name: "v", weight: 1 }, inline }),
    ).toContain(
      "inline[0].vendor.weight: must be 0.95, the weight of finra for short.interest.v1, was 0.9",
    );
  });

  it("fills in what an author may leave out", () => {
    const manifest = manifestOf({ sources: [{ ...MINUTE_BARS, symbol: undefined }] });
    expect(manifest).toMatchObject({
      simulated: false,
      root: "data",
      timeZone: "America/New_York",
      inline: [],
      sources: [
        {
          delimiter: ",",
          quote: '"',
          header: true,
          skipRows: 0,
          interval: 60_000,
          priceScale: 1,
          volumeUnit: 1,
          delayMs: 0,
          order: "auto",
        },
      ],
    });
  });

  it("names every wrong field with its path and what it must be", () => {
    const problems = problemsOf({
      name: "Mine",
      vendor: { name: "v", weight: 2 },
      timeZone: "Mars/Olympus",
      evaluate: { from: "2021-13-01", to: 5 },
      colour: "red",
      sources: [{ format: "parquet" }, { format: "delimited", kind: "candle" }],
    });
    expect(problems.split("\n")).toEqual([
      "mine.json is not a valid recording manifest:",
      '  name: must be lower case letters, digits and -, at most 60, was "Mine"',
      "  description: is missing, must be a string",
      "  vendor.weight: must be at most 1, was 2",
      '  timeZone: must be an IANA time zone such as "America/New_York" or "UTC", was "Mars/Olympus"',
      '  evaluate.from: must be a date (2021-01-13) or an instant with offset (2021-01-13T09:30:00-05:00), was "2021-13-01"',
      "  evaluate.to: must be a string, was 5",
      expect.stringMatching(
        /^ {2}sources\[0\]\.format: must be one of "delimited", .*, was "parquet"$/,
      ),
      expect.stringMatching(/^ {2}sources\[1\]\.kind: must be one of "bar", .*, was "candle"$/),
      "  colour: is not a field of the manifest; remove it or mend its spelling",
    ]);
  });

  it.each([
    [{ stamp: { unit: "s" } }, "sources[0].stamp.marks: is needed for bars shorter than a day"],
    [{ symbol: "GME" }, "sources[0].symbol: is stated more than once"],
    [{ path: "{symbol}.csv" }, "sources[0].symbol: is stated more than once"],
    [{ header: false }, "sources[0].columns.open: must be an index from 0 because header is false"],
    [{ path: "../secret.csv" }, "sources[0].path: must stay below the data root"],
    [{ path: "/etc/passwd" }, "sources[0].path: must stay below the data root"],
    [{ interval: "1w" }, 'sources[0].interval: must be a length from 1s to 1d such as "1m"'],
    [{ priceScale: 0.0001 }, "sources[0].priceScale: is what prices were multiplied by"],
    [{ volumeScope: "ALL" }, 'sources[0].volumeScope: must be one of "CONSOLIDATED"'],
    [
      { publication: "official-close" },
      "sources[0].publication: must be left out for bars shorter",
    ],
    [
      { interval: "1d", publication: "official-close" },
      'sources[0].publication: must be "extended-close" when volumeScope is CONSOLIDATED',
    ],
    [{ from: "2021-02-01", to: "2021-01-31" }, "sources[0].to: must not lie before from"],
    [
      { stamp: { unit: "wall-clock", pattern: "yyyy-QQ", marks: "end" } },
      "sources[0].stamp.pattern: must be made of yyyy",
    ],
    [
      { columns: { ...MINUTE_BARS.columns, volume: undefined } },
      "sources[0].columns.volume: must be an index from 0, a header name",
    ],
  ])("refuses %j and says how to mend it", (fields, problem) => {
    expect(problemsOfSource(fields)).toContain(problem);
  });

  it("compares a date with an instant by the day of the manifest's zone, not by midnight in Greenwich", () => {
    // 2021-01-13 in New York ends at 05:00 UTC of the 14th.
    expect(problemsOfSource({ from: "2021-01-14T03:00:00Z", to: "2021-01-13" })).toBe("");
    expect(problemsOfSource({ from: "2021-01-14T05:00:00Z", to: "2021-01-13" })).toContain(
      "sources[0].to: must not lie before from",
    );
  });

  it("refuses two sources of one name and a manifest without any", () => {
    const twice = { ...MINUTE_BARS };
    const base = { name: "mine", description: "d", vendor: { name: "v", weight: 1 } };
    expect(problemsOf({ ...base, sources: [twice, twice] })).toContain(
      'sources[1].name: is used twice: "minutes"',
    );
    expect(problemsOf(base)).toContain("sources: must name at least one source");
  });

  it("accepts one day as a range", () => {
    expect(problemsOfSource({ from: "2021-01-13", to: "2021-01-13" })).toBe("");
  });

  // Date.parse rolls 30 February on to 2 March, and 24:00 on to the next day.
  it.each([
    [{ evaluate: { from: "2021-02-30", to: "2021-03-05" } }, "evaluate.from: must be a date"],
    [{ evaluate: { from: "2021-02-01", to: "2021-02-29" } }, "evaluate.to: must be a date"],
    [
      { evaluate: { from: "2021-02-30T09:30-05:00", to: "2021-03-05" } },
      "evaluate.from: must be a date",
    ],
    [
      { evaluate: { from: "2021-02-01T24:00Z", to: "2021-03-05" } },
      "evaluate.from: must be a date",
    ],
    [{ sources: [{ ...MINUTE_BARS, from: "2021-04-31" }] }, "sources[0].from: must be a date"],
    [
      { inline: [{ ...SHORT_INTEREST, settlementDate: "2021-02-30" }] },
      "inline[0].settlementDate: must be a date such as 2021-01-13",
    ],
    [
      { inline: [{ ...SHORT_INTEREST, publishedAt: "2021-02-30T18:00:00-05:00" }] },
      "inline[0].publishedAt: must be an instant with offset",
    ],
    [
      { inline: [{ ...SPLIT, ratio: 7, effectiveAt: "2014-06-31" }] },
      "inline[0].effectiveAt: must be a date",
    ],
  ])("refuses a date or an hour that does not exist in %j", (fields, problem) => {
    const base = { name: "mine", description: "d", vendor: { name: "v", weight: 1 } };
    expect(problemsOf({ ...base, sources: [MINUTE_BARS], ...fields })).toContain(problem);
  });

  it("accepts 29 February of a leap year as settlement and publication", () => {
    const fact = {
      ...SHORT_INTEREST,
      settlementDate: "2020-02-29",
      publishedAt: "2020-02-29T18:00:00-05:00",
    };
    expect(manifestOf({ inline: [fact] }).inline).toEqual([fact]);
  });

  it("asks an inline split for its ratio", () => {
    const base = { name: "mine", description: "d", vendor: { name: "v", weight: 1 } };
    expect(problemsOf({ ...base, inline: [SPLIT] })).toContain(
      "inline[0].ratio: is needed by SPLIT",
    );
  });
});
