import type { AlertRaised, HourMetric } from "@amc/schemas/generated/events";
import type { PageQuery, ReadView, Stored } from "../read-model/port.ts";

/** What operators are told, and figures of hours, in memory. */
export function operationReads(
  alerts: readonly Stored<AlertRaised>[],
  hours: readonly Stored<HourMetric>[],
): Pick<ReadView, "operationalAlerts" | "hourMetrics"> {
  return {
    operationalAlerts: async (query) =>
      pageOf(
        alerts.filter(({ event }) => query.kind === null || event.kind === query.kind),
        query,
      ),
    hourMetrics: async (query) =>
      pageOf(
        hours.filter(({ event }) => query.metric === null || event.metric === query.metric),
        query,
      ),
  };
}

type Span = PageQuery & { readonly fromMs: number | null; readonly toMs: number | null };

function pageOf<Event extends { readonly happenedAt: number }>(
  rows: readonly Stored<Event>[],
  { fromMs, toMs, after, limit }: Span,
): readonly Stored<Event>[] {
  const wanted = rows.filter(({ id, event: { happenedAt } }) => {
    if (happenedAt < (fromMs ?? happenedAt) || happenedAt >= (toMs ?? Infinity)) return false;
    if (after === null) return true;
    return happenedAt < after.atMs || (happenedAt === after.atMs && id < after.id);
  });
  const newestFirst = wanted.toSorted(
    (a, b) => b.event.happenedAt - a.event.happenedAt || (a.id < b.id ? 1 : -1),
  );
  return newestFirst.slice(0, limit);
}
