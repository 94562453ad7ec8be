import { RecordingError } from "../errors.ts";
import { type DelimitedOf, delimitedSource } from "../manifest/delimited-source.ts";
import type { SourceOf } from "../manifest.ts";
import { shortInterestRows, shortVolumeRows } from "./dated-rows.ts";
import { type DelimitedPlan, readDelimited } from "./delimited.ts";
import type { SourceContext, SourceFile, SourceItems } from "./reader.ts";
import { RowBasics } from "./row-basics.ts";

const PIPES = { format: "delimited", delimiter: "|", quote: null, header: true } as const;

/** `CNMSshvol<date>.txt`: volumes are fractional since 2025, Market joins the facilities. */
const shortVolume = {
  ...PIPES,
  kind: "short-volume",
  name: "cnms-short-volume",
  path: "CNMSshvol.txt",
  datePattern: "yyyyMMdd",
  columns: {
    symbol: "Symbol",
    tradeDate: "Date",
    shortVolume: "ShortVolume",
    shortExemptVolume: "ShortExemptVolume",
    totalVolume: "TotalVolume",
    facilities: "Market",
  },
} as const;

/** `shrt<settlement date>.csv`. */
const shortInterest = {
  ...PIPES,
  kind: "short-interest",
  name: "short-interest",
  path: "shrt.csv",
  columns: {
    symbol: "symbolCode",
    settlementDate: "settlementDate",
    sharesShort: "currentShortPositionQuantity",
    previousSharesShort: "previousShortPositionQuantity",
    averageDailyVolume: "averageDailyVolumeQuantity",
    daysToCover: "daysToCoverQuantity",
    revision: "revisionFlag",
  },
} as const;

const SHORT_VOLUME = preset("short-volume", shortVolume);
const SHORT_INTEREST = preset("short-interest", shortInterest);

/** Reads FINRA's own files; the header says which of the two a file is. */
export function readFinraPipe(
  _source: SourceOf<"finra-pipe">,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  const layout = { delimiter: "|", quote: null, comment: null, skipRows: 0 };
  return readDelimited(file, layout, true, (header, member) => {
    const names = new Set(header);
    if (names.has("ShortVolume")) {
      const basics = new RowBasics(SHORT_VOLUME, context, file);
      return {
        ...plan(SHORT_VOLUME),
        topic: "short.volume.v1",
        mapper: () => shortVolumeRows(SHORT_VOLUME, basics),
      };
    }
    if (names.has("currentShortPositionQuantity")) {
      const basics = new RowBasics(SHORT_INTEREST, context, file);
      return {
        ...plan(SHORT_INTEREST),
        topic: "short.interest.v1",
        mapper: () => shortInterestRows(SHORT_INTEREST, basics),
      };
    }
    const message = `${member.label} is neither a CNMSshvol nor a shrt file of FINRA: its header is ${[...names].slice(0, 20).join("|")}`;
    throw new RecordingError("recording.source-unreadable", message, { path: member.label });
  });
}

function plan(
  source: DelimitedOf<"short-volume"> | DelimitedOf<"short-interest">,
): Omit<DelimitedPlan, "topic" | "mapper"> {
  return {
    columns: source.columns,
    nullValues: source.nullValues,
    thousands: null,
    decimal: ".",
    // The daily files end with the number of their rows.
    isTrailer: (cells) => cells.length === 1 && /^\d+$/.test(cells[0] ?? ""),
  };
}

function preset<Kind extends "short-volume" | "short-interest">(
  kind: Kind,
  fields: { readonly kind: Kind },
): DelimitedOf<Kind> {
  const source = delimitedSource.parse(fields);
  if (isKind(source, kind)) return source;
  throw new TypeError(`preset is no ${kind} source`);
}

function isKind<Kind extends "short-volume" | "short-interest">(
  source: { readonly kind: string },
  kind: Kind,
): source is DelimitedOf<Kind> {
  return source.kind === kind;
}
