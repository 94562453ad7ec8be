import { isoUtc } from "@amc/streams/market/event-time";
import { textTable } from "../operations/text-table.ts";
import { formatCount } from "../output/format.ts";
import type { DayVerdict } from "./examine-day.ts";
import type { JobVerdict } from "./examine-jobs.ts";
import type { ProviderVerdict } from "./examine-providers.ts";
import type { SeenDay } from "./seen-day.ts";

/** A day as tables for people. */
export function dayText({ jobs, providers, missing }: DayVerdict, seen: SeenDay): string {
  const facts = Object.entries(seen.factRecords);
  const rows = Object.entries(seen.rows).filter(([, count]) => count > 0);
  const gap =
    missing === null || missing === 0 ? [] : [`${formatCount(missing)} facts are missing`];
  return [
    ...textTable(
      [["job", "row", "instants", "asked", "runs"], ...jobs.map(jobRow)],
      new Set([2, 3]),
    ),
    "",
    ...textTable(
      [["provider", "calls", "rows", "failed", "most of allowed in a window", "breaker"]].concat(
        providers.map(providerRow),
      ),
      new Set([1, 2, 3]),
    ),
    "",
    ...textTable([["facts", ""], ...facts.map(countRow)], new Set([1])),
    ...gap,
    "",
    ...textTable([["table", "rows"], ...rows.map(countRow)], new Set([1])),
    "",
    ...healthLines(seen),
  ].join("\n");
}

function jobRow({ job, row, worker, expected, asked, outcomes }: JobVerdict): string[] {
  const ends = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`);
  const none = worker === "somebody" ? "" : "nobody works on it yet";
  const done = ends.length === 0 ? none : ends.join(", ");
  return [job, row, formatCount(expected.length), formatCount(asked), done];
}

function providerRow(verdict: ProviderVerdict): string[] {
  const { provider, requests, rows, failed, windows, breaker } = verdict;
  const budget = windows.map(
    ({ windowMs, allowed, most }) => `${most} of ${allowed} in ${windowText(windowMs)}`,
  );
  const changes = new Map<string, number>();
  for (const change of breaker) {
    const [name = ""] = change.split(" ");
    changes.set(name, (changes.get(name) ?? 0) + 1);
  }
  const states = [...changes].map(([name, count]) => `${count} ${name}`).join(", ");
  const counts = [requests, rows, failed].map(formatCount);
  return [provider, ...counts, budget.join(", "), states];
}

function windowText(windowMs: number): string {
  if (windowMs < 1_000) return `${windowMs} ms`;
  return windowMs > 60_000 ? `${windowMs / 3_600_000} h` : `${windowMs / 1_000} s`;
}

function countRow([name, count]: readonly [string, number]): string[] {
  return [name, formatCount(count)];
}

/** One line for each time that somebody was not well, and since when. */
function healthLines({ health }: SeenDay): string[] {
  const lines: string[] = [];
  let before = "";
  for (const { atMs, status, components } of health) {
    const ill = Object.entries(components)
      .filter(([, component]) => ["degraded", "unhealthy"].includes(component.status))
      .map(([name, component]) => `${name} ${component.status}`);
    const now = [status, ...ill].join(", ");
    if (now !== before) lines.push(`/health from ${isoUtc(atMs)}: ${now}`);
    before = now;
  }
  return lines;
}
