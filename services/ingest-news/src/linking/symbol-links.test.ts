import { describe, expect, it } from "vitest";
import { symbolLinker } from "./symbol-links.ts";
import { readWatchList } from "./watched-company.ts";

const WATCHED = readWatchList("GME=GameStop,AMC=AMC Entertainment,BRK.B=Berkshire,F=Ford") ?? [];
const linksOf = (title: string, summary = "", watched = WATCHED) =>
  symbolLinker(watched)({ title, summary });

describe("an item is linked to", () => {
  it.each([
    ["GameStop soars", ["GME"]],
    ["GameStop's CEO sells", ["GME"]],
    ["Is GME a buy?", ["GME"]],
    ["GameStop (GME) and AMC rally", ["AMC", "GME"]],
    ["$GME to the moon", ["GME"]],
    ["Retailer (NYSE: GME) reports", ["GME"]],
    ["Berkshire (NYSE: BRK/B) sells", ["BRK.B"]],
    ["Ford recalls trucks", ["F"]],
    ["Gamestops everywhere", []],
    ["MEGAGME rises", []],
    ["What F means", []],
    ["Price of US$GME", []],
    ["Costs $10", []],
    ["GME EARNINGS: WHAT TO KNOW", []],
    ["A miner (TSX: GME) digs", []],
    ["Apple (NASDAQ: AAPL) rises", []],
  ])("what %j names", (title, symbols) => {
    expect(linksOf(title)).toEqual(symbols);
  });

  it("what a summary tags, and not what it mentions", () => {
    expect(linksOf("Stocks", "shares of $GME and (NASDAQ: AAPL)")).toEqual(["GME"]);
    expect(linksOf("Stocks", "GameStop rose as well")).toEqual([]);
  });

  it("whatever is tagged when nothing is watched, and to none of a long list", () => {
    expect(linksOf("A (Nasdaq: AAPL) and B (NYSE American: XYZ)", "", [])).toEqual(["AAPL", "XYZ"]);
    const many = Array.from({ length: 11 }, (_, n) => `$A${String.fromCharCode(65 + n)}`).join(" ");
    expect(linksOf(many, "", [])).toEqual([]);
  });

  it("none that is watched in a long list of others, wherever it stands in it", () => {
    const others = Array.from(
      { length: 60 },
      (_, at) => `$${"ABCDEFGH"[at % 8]}${"KLMNOPQR"[at >> 3]}`,
    );
    expect(new Set(others).size).toBe(60);
    expect(linksOf("Stocks that moved", `${others.join(" ")} $GME`)).toEqual([]);
    expect(linksOf("Stocks that moved", `$GME ${others.join(" ")}`)).toEqual([]);
    expect(linksOf("Stocks that moved", `${others.slice(0, 10).join(" ")} $GME`)).toEqual([]);
    expect(linksOf("Stocks that moved", `${others.slice(0, 9).join(" ")} $GME`)).toEqual(["GME"]);
    // One company that is named many times is one.
    expect(linksOf("Stocks that moved", `${"$AAPL ".repeat(60)} $GME`)).toEqual(["GME"]);
  });

  it("a name with marks in it", () => {
    const watched = readWatchList("BBBY=Bed Bath & Beyond (Inc.)") ?? [];
    expect(linksOf("Bed Bath & Beyond (Inc.) files", "", watched)).toEqual(["BBBY"]);
  });
});

describe("a watch list", () => {
  it("has symbols with and without names, and a symbol twice", () => {
    expect(readWatchList(" gme = GameStop, AMC ,GOOG=Google,GOOG=Alphabet,")).toEqual([
      { symbol: "GME", name: "GameStop" },
      { symbol: "AMC", name: null },
      { symbol: "GOOG", name: "Google" },
      { symbol: "GOOG", name: "Alphabet" },
    ]);
  });

  it.each(["<script>", "GME=Ga", "GME=a=b", "GME=", "=GameStop"])("is none: %j", (text) => {
    expect(readWatchList(text)).toBeNull();
  });
});
