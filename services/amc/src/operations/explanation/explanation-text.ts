import type { FactLocator } from "@amc/query-api/evidence/fact-locator";
import type { Chain } from "@amc/query-api/explanation/explanation";
import { explainInWords } from "@amc/query-api/explanation/words";
import type { RecordPlace } from "@amc/query-api/read-model/port";
import type { Features, Input } from "@amc/schemas/generated/events";
import { formatCount, formatEasternTime } from "../../output/format.ts";

/** An explanation for a trader, and below it the evidence down to the records of the log. */
export async function explanationText(chain: Chain, facts: FactLocator): Promise<string> {
  const { recommendation, verdict, detections } = chain;
  const stated = detections.map(({ event }) => event);
  const words = explainInWords(recommendation.event, verdict?.event ?? null, stated);
  return [
    words.headline,
    ...section("Why", words.why),
    ...section("What adds to the score", words.contributions),
    ...section("Gates", words.gates),
    ...section("Confidence", words.confidence),
    ...section("What was missing", words.missing),
    "",
    words.basis,
    "",
    "Evidence (topic/partition/offset, event id)",
    ...(await evidenceText(chain, facts)),
  ].join("\n");
}

function section(title: string, sentences: readonly string[]): string[] {
  if (sentences.length === 0) return [];
  return ["", title, ...sentences.map((sentence) => `  ${sentence}`)];
}

async function evidenceText(chain: Chain, facts: FactLocator): Promise<string[]> {
  const { recommendation, verdict, detections, features, places } = chain;
  const node = (depth: number, what: string, id: string): string =>
    `${"  ".repeat(depth)}${what}  ${placeText(places.get(id) ?? null)}  ${id}`;
  const lines = [node(1, "recommendation", recommendation.id)];
  if (verdict === null) return [...lines, "    verdict: no longer in the log"];
  lines.push(node(2, "verdict", verdict.id));
  for (const { id, event } of detections) {
    lines.push(node(3, `detection ${event.detector}`, id));
  }
  if (features === null) return [...lines, "      features: no longer in the log"];
  lines.push(node(3, "features", features.id));
  for (const input of features.event.inputs) {
    lines.push(...(await inputText(features.event, input, facts)));
  }
  return lines;
}

async function inputText(features: Features, input: Input, facts: FactLocator): Promise<string[]> {
  const { role, source, count, publishedAt, firstId, lastId } = input;
  const { first, last } = await facts.input(features, input);
  const counted = count === 1 ? "1 fact" : `${formatCount(count)} facts`;
  return [
    `        ${role}: ${counted} of ${source}, public by ${formatEasternTime(publishedAt)}`,
    ...(count === 1 ? [] : [`          first ${placeText(first)}  ${firstId}`]),
    `          ${count === 1 ? "" : "last  "}${placeText(last)}  ${lastId}`,
  ];
}

function placeText(place: RecordPlace | null): string {
  if (place === null) return "(place not found)";
  return `${place.topic}/${place.partition}/${place.offset}`;
}
