import { z } from "zod";
import { dateOrInstant } from "./time-fields.ts";

export const vendor = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be lower case letters, digits and -, at most 40")
      .describe("Name that facts carry as their source, for example alpaca"),
    weight: z
      .number()
      .gt(0)
      .lte(1)
      .describe("Confidence in this vendor, above 0 to 1, for example 0.98"),
  })
  .meta({ id: "vendor", description: "Who recorded the data" });

export const symbol = z
  .string()
  .regex(
    /^[A-Z0-9][A-Z0-9.^=]{0,9}$/,
    "must be a canonical symbol: capitals, digits and . ^ =, at most 10 characters, share classes as BRK.B",
  );

const symbols = z
  .array(symbol)
  .min(1)
  .describe("Only these symbols; rows of others are passed over");

/** What every source has, whatever its format. */
export const commonFields = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be lower case letters, digits and -, at most 40")
    .describe("Name of the source in progress and errors; unique in the manifest"),
  path: z
    .string()
    .min(1)
    .describe(
      "File below the data root. * and ** make a glob; {symbol} matches too and gives the symbol of the file, in capitals",
    ),
  vendor: vendor.optional().describe("Overrides the vendor of the recording"),
  symbols: symbols.optional(),
  from: dateOrInstant
    .optional()
    .describe("Rows stamped before this are passed over; a date begins at 00:00 of the time zone"),
  to: dateOrInstant
    .optional()
    .describe("Rows stamped after this are passed over; a date counts to its end"),
  order: z
    .enum(["auto", "ascending", "descending", "unsorted"])
    .default("auto")
    .describe(
      "Order of publication in a file. auto looks; ascending is streamed and checked; the others are sorted in memory",
    ),
} as const;

/** Optional fixed symbol, for sources that may also take it from a column. */
export const symbolField = {
  symbol: symbol.optional().describe("Symbol of every row"),
} as const;

const columnName = z.union([z.int().nonnegative(), z.string().min(1)]);

/** Where a value stands: an index from 0, a header name, or one of three small recipes. */
export const column = z
  .union(
    [
      columnName,
      z.strictObject({
        column: columnName.describe("Index from 0, or header name"),
        stripPrefix: z.string().min(1).optional().describe("Removed from the front; must be there"),
        stripSuffix: z.string().min(1).optional().describe("Removed from the end; must be there"),
      }),
      z.strictObject({
        join: z.array(columnName).min(2).max(4).describe("Columns put together in this order"),
        separator: z.string().default(" ").describe("Put between them"),
      }),
      z.strictObject({ value: z.string().describe("The same text for every row") }),
    ],
    {
      error:
        'must be an index from 0, a header name, {"column": 1, "stripPrefix": "1Min:"}, {"join": ["date", "time"]} or {"value": "text"}',
    },
  )
  .meta({
    id: "column",
    description: "Index from 0, header name, or an object: column with stripPrefix, join, or value",
  });

export type ColumnSpec = z.output<typeof column>;

export const volumeScope = z
  .enum(["CONSOLIDATED", "REGULAR", "EXTENDED", "VENUE"])
  .describe(
    "Trading the volume covers: CONSOLIDATED all venues with extended hours, REGULAR the regular session, EXTENDED only extended hours, VENUE one venue",
  );

export const priceScale = z
  .number()
  .gte(1, "is what prices were multiplied by (10000 when 1672700 means 167.27): at least 1")
  .default(1)
  .describe("What prices in the file were multiplied by; 10000 when 1672700 means 167.27");

export const volumeUnit = z
  .number()
  .gt(0)
  .default(1)
  .describe("Shares that one unit of the volume column stands for; 100 for round lots");
