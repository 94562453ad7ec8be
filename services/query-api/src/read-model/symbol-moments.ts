import { Conditions, NEWEST_FIRST } from "./conditions.ts";
import type { SymbolMoment, SymbolQuery } from "./port.ts";
import { type Row, type RunQuery, storedEvent } from "./stored-rows.ts";

/**
 * A page of a symbol's features with the detections made from the first `detailed` of them, in one
 * statement: it is what a symbol's view asks for again and again.
 */
export async function symbolMoments(
  run: RunQuery,
  query: SymbolQuery,
  detailed: number,
): Promise<readonly SymbolMoment[]> {
  const where = new Conditions()
    .equal("symbol", query.symbol)
    .since(query.fromMs)
    .before(query.toMs)
    .page(query);
  const page = `SELECT event_id, event, happened_at FROM features_slot ${where.text} ${where.newestFirst(query)}`;
  const rows = await run(
    `WITH page AS MATERIALIZED (${page})
      SELECT false AS is_detection, event_id, event FROM page
      UNION ALL
      SELECT true, event_id, event FROM detections WHERE features_id IN (
        SELECT event_id FROM page ${NEWEST_FIRST} LIMIT ${where.add(detailed)})`,
    where.values,
  );
  const detections = rows
    .filter(isDetection)
    .map((row) => storedEvent("signals.detection.v1", row));
  return rows
    .filter((row) => !isDetection(row))
    .map((row) => storedEvent("signals.features.v1", row))
    .sort((a, b) => b.event.happenedAt - a.event.happenedAt || byText(b.id, a.id))
    .map((features) => ({
      features,
      detections: detections
        .filter(({ event }) => event.featuresId === features.id)
        .sort((a, b) => byText(a.event.detector, b.event.detector) || byText(a.id, b.id)),
    }));
}

function isDetection(row: Row): boolean {
  return row.is_detection === true;
}

/** As the database orders text and ids: by their bytes, which are ASCII. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
