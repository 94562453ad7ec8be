import { DAY_MS } from "@amc/streams/market/calendar-date";
import { manifestFields, type RecordingManifest, type SourceSpec } from "../manifest.ts";
import { instantRange } from "../time/publication.ts";
import { zonedClock } from "../time/zoned-clock.ts";
import type { DelimitedSource } from "./delimited-source.ts";
import type { ColumnSpec } from "./source-fields.ts";
import { statedTopics, TOPIC_OF_INLINE_KIND } from "./stated-topics.ts";
import { checkWeight } from "./vendor-weight.ts";

type FieldPath = readonly (string | number)[];

/** The message reads on from the path: "must ..., was ...". */
type Fail = (path: FieldPath, message: string) => void;

/** What a manifest file must hold: every field by itself, and what concerns several at once. */
export const recordingManifest = manifestFields.superRefine((manifest, context) => {
  checkManifest(manifest, (path, message) => {
    context.addIssue({ code: "custom", path: [...path], message });
  });
});

/** Each message names the field and the way to mend it. */
function checkManifest(manifest: RecordingManifest, fail: Fail): void {
  if (manifest.sources.length === 0 && manifest.inline.length === 0) {
    fail(["sources"], "must name at least one source (or inline must hold a fact)");
  }
  const { toUtc } = zonedClock(manifest.timeZone);
  if (manifest.evaluate !== undefined) checkRange(manifest.evaluate, toUtc, ["evaluate"], fail);
  const names = new Set<string>();
  manifest.sources.forEach((source, index) => {
    const path: FieldPath = ["sources", index];
    if (names.has(source.name)) fail([...path, "name"], `is used twice: "${source.name}"`);
    names.add(source.name);
    checkRange(source, toUtc, path, fail);
    checkSource(source, path, fail);
    const { vendor = manifest.vendor } = source;
    const isSingleVenue = "volumeScope" in source && source.volumeScope === "VENUE";
    const problem = checkWeight(vendor, statedTopics(source), isSingleVenue);
    if (problem !== null) fail([...path, "vendor", "weight"], problem);
  });
  manifest.inline.forEach(({ vendor = manifest.vendor, kind }, index) => {
    const problem = checkWeight(vendor, [TOPIC_OF_INLINE_KIND[kind]]);
    if (problem !== null) fail(["inline", index, "vendor", "weight"], problem);
  });
}

function checkSource(source: SourceSpec, path: FieldPath, fail: Fail): void {
  if (source.path.startsWith("/") || source.path.split("/").includes("..")) {
    fail([...path, "path"], "must stay below the data root: no leading / and no ..");
  }
  if (source.format !== "delimited") return;
  checkSymbol(source, path, fail);
  checkColumnNames(source, path, fail);
  if (source.thousands === source.decimal) {
    fail([...path, "thousands"], `must differ from decimal, both are "${source.decimal}"`);
  }
  if (source.kind === "bar") checkBar(source, path, fail);
}

/** Dates are days of the manifest's time zone and count to their end, as they are read later. */
function checkRange(
  range: { readonly from?: string | undefined; readonly to?: string | undefined },
  toUtc: (wallMs: number) => number,
  path: FieldPath,
  fail: Fail,
): void {
  if (range.from === undefined || range.to === undefined) return;
  const { fromMs, toMs } = instantRange(range, toUtc);
  if (fromMs > toMs) {
    fail([...path, "to"], `must not lie before from (${range.from}), was ${range.to}`);
  }
}

function checkSymbol(source: DelimitedSource, path: FieldPath, fail: Fail): void {
  const given = [
    source.symbol !== undefined,
    source.columns.symbol !== undefined,
    source.path.includes("{symbol}"),
  ].filter((isGiven) => isGiven);
  if (given.length === 1) return;
  fail(
    [...path, "symbol"],
    given.length === 0
      ? "is needed: name it, give columns.symbol, or write {symbol} into path"
      : "is stated more than once: keep one of symbol, columns.symbol and {symbol} in path",
  );
}

function checkColumnNames(source: DelimitedSource, path: FieldPath, fail: Fail): void {
  if (source.header) return;
  for (const [field, spec] of Object.entries(source.columns)) {
    const named = namesOf(spec).find((name) => typeof name === "string");
    if (named !== undefined) {
      fail(
        [...path, "columns", field],
        `must be an index from 0 because header is false, was ${JSON.stringify(named)}`,
      );
    }
  }
}

/** Indices and header names that a column recipe reads. */
function namesOf(spec: ColumnSpec | undefined): readonly (string | number)[] {
  if (spec === undefined) return [];
  if (typeof spec !== "object") return [spec];
  if ("column" in spec) return [spec.column];
  return "join" in spec ? spec.join : [];
}

function checkBar(
  source: Extract<DelimitedSource, { kind: "bar" }>,
  path: FieldPath,
  fail: Fail,
): void {
  const isDaily = source.interval === DAY_MS;
  if (!isDaily && source.stamp.marks === undefined) {
    fail(
      [...path, "stamp", "marks"],
      'is needed for bars shorter than a day: "start" or "end" of the bar',
    );
  }
  const { publication } = source;
  if (publication !== undefined && !isDaily) {
    fail(
      [...path, "publication"],
      "must be left out for bars shorter than a day: they are public when they end",
    );
  }
  if (isDaily && publication === "official-close" && source.volumeScope === "CONSOLIDATED") {
    fail(
      [...path, "publication"],
      'must be "extended-close" when volumeScope is CONSOLIDATED: that volume is known at 20:00 ET',
    );
  }
}
