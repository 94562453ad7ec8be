import type { Log } from "@amc/platform/log/port";
import type { ProjectedPosition, RecordPlace } from "../read-model/port.ts";
import { append } from "./api-under-test.ts";
import type { Story } from "./story.ts";
import { writeFacts } from "./story-facts.ts";

export interface WrittenStory {
  /** Where each derived event lies. */
  readonly places: ReadonlyMap<string, RecordPlace>;
  /** Positions of a projector that has applied everything. */
  readonly positions: readonly ProjectedPosition[];
}

/** Writes a story into a log, derived events in the order of their slots. */
export async function writeStory(log: Log, story: Story): Promise<WrittenStory> {
  await writeFacts(log, [...new Set(story.evaluations.map(({ verdict }) => verdict.event.symbol))]);
  for (const { features, detections, verdict } of story.evaluations) {
    const key = features.event.symbol;
    await append(log, "signals.features.v1", features.id, features.event, { key });
    for (const { id, event } of detections)
      await append(log, "signals.detection.v1", id, event, { key });
    await append(log, "signals.verdict.v1", verdict.id, verdict.event, { key });
  }
  for (const { id, event } of story.runs)
    await append(log, "discovery.run.v1", id, event, { key: event.runId });
  for (const { id, event } of story.recommendations) {
    await append(log, "discovery.recommendation.v1", id, event, { key: event.symbol });
  }
  for (const { id, event } of story.alerts)
    await append(log, "alerts.requested.v1", id, event, { key: event.symbol });
  return { places: await placesIn(log), positions: await endsOf(log) };
}

async function placesIn(log: Log): Promise<Map<string, RecordPlace>> {
  const places = new Map<string, RecordPlace>();
  for (const { topic, partitions } of log.topics()) {
    for (let partition = 0; partition < partitions; partition += 1) {
      for (const record of await log.read(topic, partition, 0, {
        maxRecords: 10_000,
        maxBytes: 1e8,
      })) {
        const id = record.headers.ce_id;
        if (id !== undefined) places.set(id, { topic, partition, offset: record.offset });
      }
    }
  }
  return places;
}

export async function endsOf(log: Log): Promise<ProjectedPosition[]> {
  const positions: ProjectedPosition[] = [];
  for (const { topic, partitions } of log.topics()) {
    for (let partition = 0; partition < partitions; partition += 1) {
      positions.push({
        projection: "test",
        topic,
        partition,
        next: await log.endOffset(topic, partition),
      });
    }
  }
  return positions;
}
