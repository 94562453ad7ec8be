import type { RebuildReport } from "@amc/projector/rebuild";
import { formatCount, formatDuration } from "../../output/format.ts";

/** What a rebuild found, for people: equal or not, and the first rows that differ. */
export function reportText(report: RebuildReport): string {
  const { records, elapsedMs, recordsPerSecond, differences, rebuilt, swapped } = report;
  const lines = [
    `${formatCount(records)} records in ${formatDuration(elapsedMs)} (${formatCount(Math.round(recordsPerSecond))} a second)`,
  ];
  if (differences.length === 0) {
    lines.push(`All ${rebuilt.length} compared tables equal those in use, row by row.`);
  }
  for (const { table, onlyLeft, onlyRight, different, examples } of differences) {
    lines.push(
      `${table} differs: ${different} rows changed, ${onlyLeft} only in use, ${onlyRight} only rebuilt`,
    );
    for (const { left, right } of examples) lines.push(...rowText(left, right));
  }
  lines.push(
    swapped
      ? "The rebuilt tables are in use now; npm run amc -- rebuild --swap-back undoes it."
      : "The tables in use are as they were.",
  );
  return lines.join("\n");
}

/** The key columns come first in a row, so its beginning says which it is. */
function rowText(left: unknown, right: unknown): string[] {
  if (left === null) return [`  only rebuilt  ${JSON.stringify(right)}`];
  if (right === null) return [`  only in use   ${JSON.stringify(left)}`];
  const before = new Map(columnsOf(left));
  const changed = columnsOf(right).filter(
    ([column, value]) => JSON.stringify(before.get(column)) !== JSON.stringify(value),
  );
  return [
    `  row           ${JSON.stringify(left)}`,
    ...changed.map(
      ([column, value]) =>
        `    ${column}: ${JSON.stringify(before.get(column))} in use, ${JSON.stringify(value)} rebuilt`,
    ),
  ];
}

function columnsOf(row: unknown): [string, unknown][] {
  return typeof row === "object" && row !== null ? Object.entries(row) : [];
}
