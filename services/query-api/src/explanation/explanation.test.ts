import { describe, expect, it } from "vitest";
import { apiUnderTest, memoryLog } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";
import { writeStory } from "../testing/story-log.ts";

async function explained() {
  const log = memoryLog(3);
  const told = story();
  const written = await writeStory(log, told);
  const app = await apiUnderTest({ log, readModel: memoryReadModel({ story: told, ...written }) });
  const id = told.recommendations.at(-1)?.id ?? "";
  const answer = await app.inject({ url: `/recommendations/${id}/explanation` });
  return { log, data: answer.json().data };
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}
interface Node {
  readonly id: string;
  readonly position: Place;
}

describe("an explanation", () => {
  it("leads from the recommendation down to records that lie where it says", async () => {
    const { log, data } = await explained();
    const { verdict } = data.evidence;
    const inputs: { first: Node; last: Node }[] = verdict.features.inputs;
    const nodes: Node[] = [
      data.evidence,
      verdict,
      ...verdict.detections,
      verdict.features,
      ...inputs.flatMap(({ first, last }) => [first, last]),
    ];
    expect(nodes).toHaveLength(1 + 1 + 5 + 1 + 4);
    for (const { id, position } of nodes) {
      const [record] = await log.read(position.topic, position.partition, position.offset, {
        maxRecords: 1,
        maxBytes: 1e6,
      });
      expect(record?.headers.ce_id).toBe(id);
    }
  });

  it("adds up: the contributions sum to the part of the score they explain", async () => {
    const { data } = await explained();
    const sum = data.contributions.reduce(
      (total: number, part: { contribution: number | null }) => total + (part.contribution ?? 0),
      0,
    );
    // 0.35 x 0.93 + 0.25 x 0.7375 + 0.20 x 0.55 + 0.10 x 0.90, over the 0.90 of the weight present.
    expect(sum).toBeCloseTo((0.3255 + 0.184375 + 0.11 + 0.09) / 0.9, 12);
  });

  it("speaks to a trader: headline, reasons, what each detector and gate said, what was missing", async () => {
    const { data } = await explained();
    expect(data.words.headline).toBe(
      "GME reached trade ready at $24.50, 10:30 ET on Jan 13, 2021: score 0.81, confidence 61 %.",
    );
    expect(data.words.why).toContain("102 % of the float is sold short");
    expect(data.words.contributions[3]).toBe(
      "Options flow said nothing: it lacks Call to put ratio. Its 10 % of the weight went to the others and confidence is lower for it.",
    );
    expect(data.words.missing).toContain("Borrow fee is unknown: no source states it.");
    expect(data.gates).toHaveLength(11);
    expect(data.gates[0]).toMatchObject({
      gate: "min_relvol_30",
      outcome: "passed",
      valueText: "4.1×",
      thresholdText: "2.5×",
    });
  });

  it("says null where retention has removed a part, and explains the rest", async () => {
    const told = story();
    const bare = memoryReadModel({ story: { ...told, evaluations: [] } });
    const app = await apiUnderTest({ readModel: bare });
    const id = told.recommendations[0]?.id ?? "";
    const { data } = (await app.inject({ url: `/recommendations/${id}/explanation` })).json();
    expect(data.evidence).toMatchObject({ id, position: null, verdict: null });
    expect(data.contributions).toHaveLength(5);
    expect(data.gates).toEqual([]);
  });
});
