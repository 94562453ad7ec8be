import { z } from "zod";
import {
  column,
  commonFields,
  priceScale,
  symbolField,
  volumeScope,
  volumeUnit,
} from "./source-fields.ts";
import { date, interval, pattern, stamp } from "./time-fields.ts";

/** How the text is cut into rows and cells. */
const layoutFields = {
  delimiter: z.string().length(1).default(",").describe("One character between cells"),
  quote: z
    .union([z.literal('"'), z.null()])
    .default('"')
    .describe("Quote of RFC 4180, or null when quotes are ordinary characters"),
  header: z.boolean().default(true).describe("First row (after skipRows) holds column names"),
  skipRows: z.int().min(0).max(1000).default(0).describe("Lines passed over before header or data"),
  comment: z.string().length(1).optional().describe("Lines that begin with it are passed over"),
  thousands: z.string().length(1).optional().describe("Separator of thousands in numbers"),
  decimal: z.enum([".", ","]).default(".").describe("Decimal mark of numbers"),
  nullValues: z
    .array(z.string())
    .default(["", "null", "NULL", "NaN", "nan", "N/A", "None"])
    .describe("Texts that mean a missing value"),
} as const;

const delimitedFields = {
  ...commonFields,
  ...symbolField,
  ...layoutFields,
  format: z
    .literal("delimited")
    .describe("Text with one separator; .gz is unpacked, of a .zip every member is read"),
} as const;

const optionalColumn = column.optional();
const publishedAtColumn = column
  .optional()
  .describe("Column with the instant of publication (ISO 8601 with offset); replaces the rule");

const dated = { datePattern: pattern.default("yyyy-MM-dd") } as const;

const timed = {
  stamp,
  delayMs: z.int().min(0).default(0).describe("Time from happening to publication, ms"),
} as const;

const unadjust = z
  .array(
    z.strictObject({
      before: date.describe("Rows of trading dates before this one were adjusted"),
      ratio: z.number().gt(0).describe("New shares per old share, 7 for a 7:1 split"),
    }),
  )
  .default([])
  .describe(
    "Undoes a vendor's back-adjustment for splits: prices before the date times ratio, volumes divided by it. Facts carry prices as traded",
  );

const scales = { priceScale, volumeUnit, unadjust } as const;

const bar = z
  .strictObject({
    ...delimitedFields,
    ...timed,
    ...scales,
    kind: z.literal("bar").describe("Open, high, low, close and volume of an interval"),
    interval,
    volumeScope,
    publication: z
      .enum(["official-close", "extended-close"])
      .optional()
      .describe(
        "Daily bars only: known at the official close, or at the end of extended hours (20:00 ET, 17:00 on half days), which is the default unless volumeScope is REGULAR",
      ),
    columns: z.strictObject({
      symbol: optionalColumn,
      timestamp: column,
      open: column,
      high: column,
      low: column,
      close: column,
      volume: column,
      vwap: optionalColumn,
      tradeCount: optionalColumn,
      publishedAt: publishedAtColumn,
    }),
  })
  .describe("Price bars");

const trade = z
  .strictObject({
    ...delimitedFields,
    ...timed,
    ...scales,
    kind: z.literal("trade").describe("Single trades"),
    volumeScope,
    columns: z.strictObject({
      symbol: optionalColumn,
      timestamp: column,
      price: column,
      volume: column,
      sequence: optionalColumn,
      publishedAt: publishedAtColumn,
    }),
  })
  .describe("Single trades");

const quote = z
  .strictObject({
    ...delimitedFields,
    ...timed,
    priceScale,
    kind: z.literal("quote").describe("Best bid and ask; a row with one side is passed over"),
    volumeScope,
    columns: z.strictObject({
      symbol: optionalColumn,
      timestamp: column,
      bid: column,
      ask: column,
      sequence: optionalColumn,
      publishedAt: publishedAtColumn,
    }),
  })
  .describe("Single quotes");

const shortInterest = z
  .strictObject({
    ...delimitedFields,
    ...dated,
    kind: z
      .literal("short-interest")
      .describe("Shares short at a settlement date; public 18:00 ET of the 7th business day after"),
    columns: z.strictObject({
      symbol: optionalColumn,
      settlementDate: column,
      sharesShort: column,
      previousSharesShort: optionalColumn,
      averageDailyVolume: optionalColumn,
      daysToCover: optionalColumn,
      precision: optionalColumn.describe("exact or rounded...; exact when left out"),
      revision: optionalColumn.describe("Y, true or 1 marks a revised figure"),
      publishedAt: publishedAtColumn,
    }),
  })
  .describe("Short interest");

const shortVolume = z
  .strictObject({
    ...delimitedFields,
    ...dated,
    kind: z
      .literal("short-volume")
      .describe("Off-exchange short volume of a trading day; public 18:00 ET the same day"),
    volumeUnit,
    columns: z.strictObject({
      symbol: optionalColumn,
      tradeDate: column,
      shortVolume: column,
      shortExemptVolume: optionalColumn,
      totalVolume: column,
      facilities: optionalColumn,
      publishedAt: publishedAtColumn,
    }),
  })
  .describe("Daily short volume");

const failsToDeliver = z
  .strictObject({
    ...delimitedFields,
    ...dated,
    kind: z
      .literal("fails-to-deliver")
      .describe("Fail balance at a settlement date; public half a month later, by the SEC's rule"),
    columns: z.strictObject({
      symbol: optionalColumn,
      settlementDate: column,
      quantity: column,
      price: optionalColumn,
      publishedAt: publishedAtColumn,
    }),
  })
  .describe("Fails to deliver");

const news = z
  .strictObject({
    ...delimitedFields,
    ...timed,
    kind: z
      .literal("news")
      .describe(
        "Headlines or public events; a date without time is public 04:00 ET of the next trading day",
      ),
    curated: z
      .boolean()
      .default(false)
      .describe("Text written afterwards: items that name a later date are refused, no polarity"),
    columns: z.strictObject({
      symbol: optionalColumn,
      timestamp: column,
      headline: column,
      itemId: optionalColumn,
      url: optionalColumn,
      polarity: optionalColumn.describe("-1 to 1 as the source states it"),
      credibility: optionalColumn.describe("0 to 1"),
      publishedAt: publishedAtColumn,
    }),
  })
  .describe("News");

const reference = z
  .strictObject({
    ...delimitedFields,
    ...dated,
    kind: z.literal("reference").describe("Slow figures; the file must state their publication"),
    field: z.enum([
      "FLOAT_SHARES",
      "SHARES_OUTSTANDING",
      "BORROW_FEE",
      "UTILISATION",
      "SHORT_SALE_THRESHOLD",
    ]),
    precision: z.enum(["EXACT", "ROUNDED", "BOUND"]),
    columns: z.strictObject({
      symbol: optionalColumn,
      date: column.describe("Date the figure refers to"),
      value: column,
      note: optionalColumn,
      publishedAt: column.describe("Instant of publication (ISO 8601 with offset)"),
    }),
  })
  .describe("Reference figures");

export const delimitedSource = z.discriminatedUnion("kind", [
  bar,
  trade,
  quote,
  shortInterest,
  shortVolume,
  failsToDeliver,
  news,
  reference,
]);

export type DelimitedSource = z.output<typeof delimitedSource>;
export type DelimitedKind = DelimitedSource["kind"];
export type DelimitedOf<Kind extends DelimitedKind> = Extract<DelimitedSource, { kind: Kind }>;
