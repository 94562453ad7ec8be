import type { Log } from "@amc/platform/log/port";
import {
  PROJECTION_NAMES,
  PROJECTIONS,
  type ProjectionName,
} from "@amc/streams/projections/projections";
import type { ClientConfig } from "pg";
import { projectionPositions } from "../projection-positions.ts";
import { partitionContents } from "../topic-contents.ts";

/** Records of the log that the tables of one projection do not hold yet. */
export interface ProjectionLag {
  readonly projection: ProjectionName;
  readonly records: number;
}

/** Lag of every projection from its committed positions. Rejects when the database does not answer. */
export async function projectionLags(log: Log, connection: ClientConfig): Promise<ProjectionLag[]> {
  const positions = await projectionPositions(connection);
  const next = new Map(
    positions.map((at) => [`${at.projection}/${at.topic}/${at.partition}`, at.next]),
  );
  const lags: ProjectionLag[] = [];
  for (const projection of PROJECTION_NAMES) {
    let records = 0;
    for (const topic of PROJECTIONS[projection]) {
      for (const { partition, start, end } of await partitionContents(log, topic)) {
        records += end - (next.get(`${projection}/${topic}/${partition}`) ?? start);
      }
    }
    lags.push({ projection, records });
  }
  return lags;
}
