import { Conditions } from "./conditions.ts";
import type { ReadView } from "./port.ts";
import { type RunQuery, storedEvent } from "./stored-rows.ts";

/** What operators are told, and the figures of hours that some of it follows from. */
export function operationReads(run: RunQuery): Pick<ReadView, "operationalAlerts" | "hourMetrics"> {
  return {
    operationalAlerts: async (query) => {
      const where = new Conditions().equal("kind", query.kind);
      where.since(query.fromMs).before(query.toMs).page(query);
      const rows = await run(
        `SELECT event_id, event FROM operational_alerts ${where.text} ${where.newestFirst(query)}`,
        where.values,
      );
      return rows.map((row) => storedEvent("ops.alert-raised.v1", row));
    },
    hourMetrics: async (query) => {
      const where = new Conditions().equal("metric", query.metric);
      where.since(query.fromMs).before(query.toMs).page(query);
      const rows = await run(
        `SELECT event_id, event FROM hour_metrics ${where.text} ${where.newestFirst(query)}`,
        where.values,
      );
      return rows.map((row) => storedEvent("ops.hour-metric.v1", row));
    },
  };
}
