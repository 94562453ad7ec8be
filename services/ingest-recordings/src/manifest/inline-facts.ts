import { z } from "zod";
import { symbol, vendor } from "./source-fields.ts";
import { date, dateOrInstant, instant } from "./time-fields.ts";

const commonInline = {
  symbol,
  vendor: vendor.optional().describe("Overrides the vendor of the recording"),
  publishedAt: instant.describe("When the world could first know it"),
} as const;

const reference = z
  .strictObject({
    ...commonInline,
    kind: z.literal("reference"),
    field: z
      .enum([
        "FLOAT_SHARES",
        "SHARES_OUTSTANDING",
        "BORROW_FEE",
        "UTILISATION",
        "SHORT_SALE_THRESHOLD",
      ])
      .describe("Which figure"),
    value: z.number().gte(0).describe("Shares, or a fraction for fee and utilisation"),
    precision: z.enum(["EXACT", "ROUNDED", "BOUND"]).describe("BOUND is an upper bound"),
    date: date.describe("Date the figure refers to"),
    note: z.string().max(500).optional().describe("Where the figure was stated"),
  })
  .describe("Slow figure about a security");

const corporateAction = z
  .strictObject({
    ...commonInline,
    kind: z.literal("corporate-action"),
    action: z.enum(["SPLIT", "SYMBOL_CHANGE", "DELISTING"]).describe("What happens"),
    effectiveAt: dateOrInstant.describe(
      "First instant on the new basis; a date means 04:00 ET of it",
    ),
    ratio: z.number().gt(0).optional().describe("New shares per old share, for a split"),
    newSymbol: symbol.optional().describe("Symbol afterwards, for a symbol change"),
  })
  .superRefine((action, context) => {
    const needs = { SPLIT: "ratio", SYMBOL_CHANGE: "newSymbol", DELISTING: null } as const;
    const field = needs[action.action];
    if (field !== null && action[field] === undefined) {
      context.addIssue({ code: "custom", path: [field], message: `is needed by ${action.action}` });
    }
  })
  .describe("Split, symbol change or delisting");

const halt = z
  .strictObject({
    ...commonInline,
    kind: z.literal("halt"),
    status: z.enum(["HALTED", "RESUMED"]).describe("State of trading from publishedAt"),
    reason: z.string().max(40).optional().describe("Reason code of the exchange"),
  })
  .describe("Trading halt or resumption");

const news = z
  .strictObject({
    ...commonInline,
    kind: z.literal("news"),
    headline: z.string().min(1).max(500).describe("In your own words"),
    url: z.string().max(2000).optional().describe("Address of the item"),
    eventAt: instant.optional().describe("Instant of a dated coming event it announces"),
  })
  .describe("Timed public event");

const shortInterest = z
  .strictObject({
    symbol,
    vendor: vendor.optional(),
    kind: z.literal("short-interest"),
    settlementDate: date,
    sharesShort: z.number().gte(0).describe("Shares short"),
    publishedAt: instant
      .optional()
      .describe("When it was published; left out, the 7th business day after settlement"),
  })
  .describe("Short interest of one settlement date");

export const inlineFact = z
  .discriminatedUnion("kind", [reference, corporateAction, halt, news, shortInterest])
  .describe("Fact written in the manifest itself");

export type InlineFact = z.output<typeof inlineFact>;
