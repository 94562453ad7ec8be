import type { Detection, Features, Recommendation, Verdict } from "@amc/schemas/generated/events";
import type { TopicName } from "@amc/schemas/topics";
import type { FactLocator } from "../evidence/fact-locator.ts";
import { eventJson, type Json, type JsonObject, time } from "../json/event-json.ts";
import type { ReadView, RecordPlace, Stored } from "../read-model/port.ts";
import { gateFigure, gateSentence, gateTitle } from "./gate-words.ts";
import { missingSentence } from "./missing-words.ts";
import { explainInWords } from "./words.ts";

/** Everything stored about one recommendation; what retention has removed is null or left out. */
export interface Chain {
  readonly recommendation: Stored<Recommendation>;
  readonly verdict: Stored<Verdict> | null;
  readonly detections: readonly Stored<Detection>[];
  readonly features: Stored<Features> | null;
  /** Where these events lie in the log, by id. */
  readonly places: ReadonlyMap<string, RecordPlace>;
}

export async function readChain(
  view: ReadView,
  recommendation: Stored<Recommendation>,
): Promise<Chain> {
  const verdict = await view.verdict(recommendation.event.verdictId);
  const detections = verdict === null ? [] : await view.detections(verdict.event.detectionIds);
  const features = await view.features(recommendation.event.featuresId);
  const ids = [recommendation, verdict, features, ...detections].flatMap(
    (stored) => stored?.id ?? [],
  );
  return { recommendation, verdict, detections, features, places: await view.places(ids) };
}

/** The `data` of an explanation; its schema is `EXPLANATION` in explanation-schema.ts. */
export async function explain(chain: Chain, facts: FactLocator): Promise<JsonObject> {
  const { recommendation, verdict, detections, features } = chain;
  const stated = detections.map((detection) => detection.event);
  return {
    recommendation: {
      id: recommendation.id,
      ...eventJson("amc.discovery.Recommendation", recommendation.event),
    },
    words: { ...explainInWords(recommendation.event, verdict?.event ?? null, stated) },
    contributions: recommendation.event.contributions.map((part) => ({
      ...part,
      label: stated.find(({ detector }) => detector === part.detector)?.label ?? null,
      signals: stated.find(({ detector }) => detector === part.detector)?.signals ?? [],
      components: components(stated.find(({ detector }) => detector === part.detector)),
    })),
    gates: verdict?.event.gates.map(gateJson) ?? [],
    softFactor: verdict?.event.softFactor ?? null,
    softPenalties: verdict?.event.softPenalties.map((penalty) => ({ ...penalty })) ?? [],
    missing:
      verdict?.event.missing.map((item) => ({ ...item, words: missingSentence(item) })) ?? [],
    tags: verdict?.event.tags ?? [],
    evidence: await evidence(chain, facts),
    dataSources: [...new Set(features?.event.inputs.map((input) => input.source) ?? [])].sort(),
  };
}

export function gateJson(gate: Verdict["gates"][number]): JsonObject {
  return {
    ...gate,
    outcome: gate.outcome.toLowerCase(),
    title: gateTitle(gate.gate),
    valueText: gateFigure(gate.gate, gate.value),
    thresholdText: gateFigure(gate.gate, gate.threshold),
    words: gateSentence(gate),
  };
}

function components(detection: Detection | undefined): Json {
  return detection?.components.map((component) => ({ ...component })) ?? [];
}

interface Derived {
  readonly symbol: string;
  readonly happenedAt: number;
  readonly publishedAt: number;
}

async function evidence(chain: Chain, facts: FactLocator): Promise<JsonObject> {
  const { recommendation, verdict, detections, features, places } = chain;
  const inputs = features === null ? [] : await inputsJson(features.event, facts);
  const verdictNode =
    verdict === null
      ? null
      : {
          ...node("signals.verdict.v1", verdict, places),
          detections: detections.map((detection) => ({
            ...node("signals.detection.v1", detection, places),
            detector: detection.event.detector,
            featuresId: detection.event.featuresId,
          })),
          features:
            features === null ? null : { ...node("signals.features.v1", features, places), inputs },
        };
  return { ...node("discovery.recommendation.v1", recommendation, places), verdict: verdictNode };
}

function node(
  topic: TopicName,
  { id, event }: Stored<Derived>,
  places: Chain["places"],
): JsonObject {
  return {
    topic,
    key: event.symbol,
    id,
    happenedAt: time(event.happenedAt),
    publishedAt: time(event.publishedAt),
    position: placeJson(places.get(id) ?? null),
  };
}

async function inputsJson(features: Features, facts: FactLocator): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  // One after the other: the process has other work than one explanation.
  for (const input of features.inputs) {
    const { first, last } = await facts.input(features, input);
    rows.push({
      role: input.role,
      topic: input.topic,
      key: features.symbol,
      source: input.source,
      confidence: input.confidence,
      count: input.count,
      hash: input.hash,
      happenedAt: time(input.happenedAt),
      publishedAt: time(input.publishedAt),
      first: { id: input.firstId, position: placeJson(first) },
      last: { id: input.lastId, position: placeJson(last) },
    });
  }
  return rows;
}

function placeJson(place: RecordPlace | null): Json {
  return place === null
    ? null
    : { topic: place.topic, partition: place.partition, offset: place.offset };
}
