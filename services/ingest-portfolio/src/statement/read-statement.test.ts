import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStatement, type StatementWords } from "./read-statement.ts";
import { STATEMENT_LIMITS, StatementError, textOfProblem } from "./statement.ts";

const AS_OF = "2021-01-12T16:00:00-05:00";
const WORDS = {
  ...{ format: "csv", account: "main", asOf: AS_OF, capturedAtMs: Date.UTC(2021, 0, 13) },
} as const satisfies StatementWords;

function read(text: string | Uint8Array, words: Partial<StatementWords> = {}) {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return readStatement(bytes, { ...WORDS, ...words });
}

function problems(text: string | Uint8Array, words: Partial<StatementWords> = {}): string[] {
  try {
    read(text, words);
    return [];
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    return error.problems.map(textOfProblem);
  }
}

const HEADER = "symbol,quantity,average_entry_price";
const csv = (...rows: readonly string[]) => [HEADER, ...rows, ""].join("\n");
const NOTHING_STATED = { statedPrice: null, statedMarketValue: null };

describe("a CSV statement", () => {
  it("states positions, long, short, closed and without an entry price", () => {
    const statement = read(csv("GME,100,18.5", '"BRK/B",-0.125,"412.30"', "AMC,0,9.99", "SPY,3,"));
    expect(statement).toEqual({
      ...{ source: "import/csv", providerLatencyMs: null, simulated: false },
      ...{ asOfMs: Date.UTC(2021, 0, 12, 21), ignored: [] },
      capturedAtMs: WORDS.capturedAtMs,
      accounts: new Map([
        [
          "main",
          [
            { symbol: "GME", quantity: 100, averageEntryPrice: 18.5, ...NOTHING_STATED },
            { symbol: "BRK.B", quantity: -0.125, averageEntryPrice: 412.3, ...NOTHING_STATED },
            { symbol: "AMC", quantity: 0, averageEntryPrice: null, ...NOTHING_STATED },
            { symbol: "SPY", quantity: 3, averageEntryPrice: null, ...NOTHING_STATED },
          ],
        ],
      ]),
    });
  });

  it("takes Alpaca's names and side, account and as-of per row, and says what it does not keep", () => {
    const text = [
      "account,as_of,symbol,qty,side,avg_entry_price,current_price,market_value,exchange",
      `one,${AS_OF},GME,10,short,20,21.5,-215,NYSE`,
      "two,,GME,-10,short,20,,,NYSE",
    ].join("\r\n");
    const { accounts, ignored } = read(text, { account: null, asOf: null });
    expect(ignored).toEqual(["exchange"]);
    expect([...accounts]).toEqual([
      [
        "one",
        [
          {
            ...{ symbol: "GME", quantity: -10, averageEntryPrice: 20, statedPrice: 21.5 },
            statedMarketValue: -215,
          },
        ],
      ],
      ["two", [{ symbol: "GME", quantity: -10, averageEntryPrice: 20, ...NOTHING_STATED }]],
    ]);
  });

  it("may name no position of an account that is named beside it", () => {
    expect([...read(csv()).accounts]).toEqual([["main", []]]);
  });

  it.each([
    ["no symbol", ",1,2", '2:1: symbol must be a symbol such as GME or BRK.B, was ""'],
    ["an empty quantity", "GME,,2", '2:2: quantity must be a decimal such as -12.5, was ""'],
    [
      "a thousands separator",
      'GME,"1,000",2',
      '2:2: quantity must be a decimal without separators or currency, such as -12.5, was "1,000"',
    ],
    [
      "a currency sign",
      "GME,1,$2",
      '2:3: averageEntryPrice must be a decimal without separators or currency, such as -12.5, was "$2"',
    ],
    ["an exponent", "GME,1e3,2", '2:2: quantity must be a decimal such as -12.5, was "1e3"'],
    ["NaN", "GME,NaN,2", '2:2: quantity must be a decimal such as -12.5, was "NaN"'],
    [
      "an escape",
      "GME,\u001b[2J,2",
      '2:2: quantity must be a decimal such as -12.5, was "\\u001b[2J"',
    ],
    ["a formula", "GME,=1+1,2", '2:2: quantity must be a decimal such as -12.5, was "=1+1"'],
    [
      "more digits than a double holds",
      "GME,1.2345678901234567,2",
      '2:2: quantity must have at most 15 significant digits, was "1.2345678901234567"',
    ],
    ["a price of 0", "GME,1,0", "2:3: averageEntryPrice cannot be right: 0 is no price in USD"],
    [
      "a row of another width",
      "GME,1,2,3",
      "2:4: row has 4 cells, the header has 3: put text with commas into quotes",
    ],
    ["an open quote", '"GME,1,2', "2:1: row opens a quote that the file does not close"],
  ])("refuses %s and says where and what would be right", (_, row, expected) => {
    expect(problems(csv(row))).toEqual([expected]);
  });

  it("tells everything that is wrong at once, in the order of the file", () => {
    expect(
      problems(csv("gme,x,2", "AMC,1,2", "AMC,2,2")).map((text) => text.split(" ")[0]),
    ).toEqual([...["2:1:", "2:2:", "4:1:"]]);
  });

  it("refuses two rows of one position, because lots are not positions", () => {
    expect(problems(csv("GME,1,2", "GME,3,4"))).toEqual([
      "3:1: symbol GME of account main is stated at 2:1 already: add lots up to one position",
    ]);
  });

  it("refuses a header without a field, and one that states a field twice", () => {
    expect(problems("symbol;quantity\nGME;1\n")).toHaveLength(3);
    expect(problems("symbol,qty,quantity,avg_entry_price\n")).toEqual([
      "1:3: quantity states quantity or qty, which an earlier column does: leave one of them out",
    ]);
    expect(problems("")).toEqual(["1:1: header is missing: the file is empty"]);
  });

  it("refuses what is no equity, and a side that contradicts the quantity", () => {
    const text = "symbol,qty,avg_entry_price,side,asset_class\n";
    expect(problems(`${text}BTCUSD,1,2,long,crypto\n`)).toEqual([
      '2:5: asset_class must be us_equity, was "crypto": leave the row out',
    ]);
    expect(problems(`${text}GME,-1,2,long,us_equity\n`)).toEqual([
      "2:2: quantity is negative, and side says long",
    ]);
    expect(problems(`${text}GME,1,2,sideways,\n`)).toEqual([
      '2:4: side must be long or short, was "sideways"',
    ]);
  });

  it("is bounded in bytes, rows and columns", () => {
    expect(problems(new Uint8Array(STATEMENT_LIMITS.bytesMax + 1))[0]).toContain("bytes");
    const rows = Array.from({ length: STATEMENT_LIMITS.rowsMax + 1 }, () => "GME,1,2");
    expect(problems(csv(...rows))).toEqual([
      "10002:1: rows of the file are 10001, at most 10000 are read",
    ]);
    expect(problems(`${"a,".repeat(65)}\n`)).toEqual(["1:65: row has more than 64 columns"]);
    expect(problems(csv(`GME,1,${"9".repeat(9000)}`))[0]).toContain("2:1: row is longer than 8192");
  });

  it("refuses bytes that are no UTF-8", () => {
    expect(problems(Uint8Array.of(0x53, 0xff))).toEqual([
      '1:1: file is not in UTF-8: save it as "CSV UTF-8"',
    ]);
  });
});

describe("account and as-of", () => {
  it("are never made up", () => {
    expect(problems(csv("GME,1,2"), { asOf: null })).toEqual([
      "1:1: as_of is stated neither in the file (as_of) nor by --as-of: give the instant of the statement, such as 2021-01-13T16:00:00-05:00",
    ]);
    expect(problems(csv("GME,1,2"), { account: null })).toEqual([
      "2:1: account is stated neither in the file nor by --account",
    ]);
  });

  it("of the file and beside it must agree", () => {
    const text = `symbol,quantity,average_entry_price,account,as_of\nGME,1,2,other,2021-01-12T21:00:01Z\n`;
    expect(problems(text)).toEqual([
      `2:5: as_of is 2021-01-12T21:00:01Z, and ${AS_OF} at --as-of: a statement has one instant`,
    ]);
    expect(problems(text, { asOf: null })).toEqual([
      "2:4: account is other, and main by the whole file: import one account at a time, or leave --account out",
    ]);
    const same = text.replace("other", "main");
    expect(read(same, { asOf: "2021-01-12T16:00:01-05:00" }).asOfMs).toBe(
      Date.UTC(2021, 0, 12, 21, 0, 1),
    );
  });

  it.each([
    ["a date", "2021-01-12", "must be an instant with its offset"],
    ["a local time", "2021-01-12T16:00:00", "must be an instant with its offset"],
    ["30 February", "2021-02-30T16:00:00Z", "must be an instant with its offset"],
    ["an instant to come", "2021-01-13T00:05:01Z", "a statement is of the past"],
    [
      "an instant before there were computers",
      "1900-01-01T00:00:00Z",
      "a statement is of the past",
    ],
  ])("refuses %s as as-of", (_, asOf, why) => {
    expect(problems(csv("GME,1,2"), { asOf })).toEqual([expect.stringContaining(why)]);
  });

  it("refuses an account that cannot be part of a key", () => {
    expect(problems(csv("GME,1,2"), { account: "a/b" })[0]).toContain("account must be 1 to 64");
  });
});

describe("a JSON statement", () => {
  const json = (value: unknown, words: Partial<StatementWords> = {}) =>
    [JSON.stringify(value), { ...words, format: "json" }] as const;
  // As Alpaca answers GET /v2/positions, cut to some of its members.
  const alpaca = {
    ...{ asset_id: "904837e3", symbol: "AAPL", exchange: "NASDAQ", asset_class: "us_equity" },
    ...{ avg_entry_price: "100.0", qty: "5", side: "long", market_value: "600.0" },
    ...{ current_price: "120.0" },
  };

  it("is a list as Alpaca answers it, or one with account and as-of around it", () => {
    const position = {
      ...{ symbol: "AAPL", quantity: 5, averageEntryPrice: 100 },
      ...{ statedPrice: 120, statedMarketValue: 600 },
    };
    const list = read(...json([alpaca]));
    expect([...list.accounts]).toEqual([["main", [position]]]);
    expect(list.ignored).toEqual(["asset_id", "exchange"]);
    const whole = { account: "alpaca", as_of: AS_OF, positions: [{ ...alpaca, qty: 5 }] };
    const around = read(...json(whole, { account: null, asOf: null }));
    expect([...around.accounts]).toEqual([["alpaca", [position]]]);
    expect(around.asOfMs).toBe(Date.UTC(2021, 0, 12, 21));
  });

  it.each([
    ["text that is no JSON", "{", "1:1: file is no JSON"],
    ["a number", "7", "1:1: file is neither a list of positions nor"],
    ["a list of texts", '["GME"]', "positions[0]: file is neither a list of positions nor"],
    [
      "a list inside a position",
      '[{"symbol":["GME"]}]',
      "positions[0].symbol: symbol is neither text",
    ],
    [
      "a position without quantity",
      '[{"symbol":"GME"}]',
      "positions[0]: quantity must be a decimal",
    ],
    ["a prototype key", '[{"__proto__":1,"qty":1}]', "positions[0]: symbol must be a symbol"],
  ])("refuses %s and says where", (_, text, expected) => {
    expect(problems(text, { format: "json" })[0]).toContain(expected);
  });

  it("refuses more rows than a market has symbols", () => {
    const rows = Array.from({ length: STATEMENT_LIMITS.rowsMax + 1 }, () => ({}));
    expect(problems(...json(rows))).toEqual([
      "positions: positions of the file are 10001, at most 10000 are read",
    ]);
  });
});

describe("whatever bytes there are", () => {
  it("a statement or its problems come of them, and nothing else", () => {
    const texts = fc.oneof(
      fc.string({
        unit: fc.constantFrom(...'symbolqty,avg\n\r"-1.5[]{}:GME '.split("")),
        maxLength: 200,
      }),
      fc.string({ unit: "binary", maxLength: 60 }).map((text) => csv(text)),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom("csv", "json"), (text, format) => {
        for (const problem of problems(text, { format })) expect(problem).toMatch(/^\S+: \S/);
      }),
    );
  });
});
