import { z } from "zod";
import { delimitedSource } from "./manifest/delimited-source.ts";
import { inlineFact } from "./manifest/inline-facts.ts";
import {
  datedEvents,
  finraPipe,
  leanDaily,
  leanFactor,
  leanOption,
  leanQuote,
  leanQuoteTick,
  leanTrade,
  leanTradeTick,
} from "./manifest/packaged-sources.ts";
import { vendor } from "./manifest/source-fields.ts";
import { dateOrInstant, timeZone } from "./manifest/time-fields.ts";

const source = z.discriminatedUnion("format", [
  delimitedSource,
  leanTrade,
  leanQuote,
  leanDaily,
  leanTradeTick,
  leanQuoteTick,
  leanOption,
  leanFactor,
  finraPipe,
  datedEvents,
]);

const evaluate = z
  .strictObject({
    from: dateOrInstant.describe("First instant at which a slot fires; before it history warms up"),
    to: dateOrInstant.describe("Last instant at which a slot fires; a date counts to its end"),
  })
  .describe("When discovery runs; left out, over the whole recording");

const slots = z
  .union([
    z.strictObject({
      everyMinutes: z.int().min(1).max(390).default(15).describe("Minutes between two slots"),
    }),
    z.literal("none"),
  ])
  .describe(
    "Discovery slots of the three sessions. Left out: every 15 minutes when the recording has bars below a day, trades or quotes, none otherwise",
  );

/** The fields of a manifest, each by itself; `recordingManifest` adds what concerns several. */
export const manifestFields = z
  .strictObject({
    $schema: z.string().optional().describe("Address of this schema, for editors"),
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "must be lower case letters, digits and -, at most 60")
      .describe("Identity of the recording; progress is kept under it"),
    description: z.string().min(1).max(2000).describe("What it shows and where it comes from"),
    simulated: z
      .boolean()
      .default(false)
      .describe("True for generated data; every fact and all that derives from it says so"),
    root: z
      .enum(["data", "manifest"])
      .default("data")
      .describe("Where paths begin: at the data root, or in the folder of this manifest"),
    vendor,
    timeZone: timeZone
      .default("America/New_York")
      .describe("Zone of wall-clock stamps and of the dates in from and to"),
    evaluate: evaluate.optional(),
    slots: slots.optional(),
    sources: z.array(source).max(500).default([]).describe("Files to read"),
    inline: z.array(inlineFact).max(1000).default([]).describe("Facts written here"),
  })
  .describe("Recording: market history that is replayed as it became public");

/** One recording: which files below a data root say what, and when the world could know it. */
export type RecordingManifest = z.output<typeof manifestFields>;
export type SourceSpec = z.output<typeof source>;
export type SourceOf<Format extends SourceSpec["format"]> = Extract<SourceSpec, { format: Format }>;
