import { gateSentence } from "@amc/query-api/explanation/gate-words";
import { missingSentence } from "@amc/query-api/explanation/missing-words";
import { labelInWords } from "@amc/query-api/explanation/words";
import type { RecordPlace } from "@amc/query-api/read-model/port";
import type { Detection, Features, Verdict } from "@amc/schemas/generated/events";
import { formatCount, formatEasternTime, formatScore } from "../../output/format.ts";
import type { Located } from "../log-search.ts";
import { textTable } from "../text-table.ts";
import { featureRows } from "./feature-table.ts";
import type { Standing } from "./standing.ts";

/** What stood at an instant, for people. */
export function standingText(standing: Standing): string {
  const { symbol, atMs, features, detections, verdict, judged } = standing;
  return [
    `${symbol} as it stood at ${formatEasternTime(atMs)}`,
    "",
    ...(features === null ? ["FEATURES  none yet"] : featuresText(features)),
    "",
    ...detectionsText(detections, features),
    "",
    ...(verdict === null ? ["VERDICT  none yet: no slot has evaluated it"] : verdictText(verdict)),
    ...(judged === null || judged.id === features?.id ? [] : ["", ...inputsText(judged.event)]),
  ].join("\n");
}

function placeText({ topic, partition, offset }: RecordPlace): string {
  return `${topic}/${partition}/${offset}`;
}

function featuresText({ id, event, place }: Located<"signals.features.v1">): string[] {
  const { happenedAt, trigger, session, completedSessions, flags, crossings, simulated } = event;
  const marks = [...(simulated ? ["simulated"] : []), ...flags, ...crossings].join(", ");
  return [
    `FEATURES  ${formatEasternTime(happenedAt)}, ${trigger.toLowerCase()}, ${session.toLowerCase()} session, ` +
      `${completedSessions} completed sessions${marks === "" ? "" : `, ${marks}`}`,
    `  ${id} at ${placeText(place)}`,
    ...indented(textTable(featureRows(event))),
    ...(event.inputs.length === 0 ? [] : inputsText(event)),
  ];
}

function inputsText({ inputs, happenedAt }: Features): string[] {
  const rows = inputs.map((input) => [
    input.role,
    input.topic,
    `${input.source} (${input.confidence})`,
    formatCount(input.count),
    `to ${formatEasternTime(input.happenedAt)}, public ${formatEasternTime(input.publishedAt)}`,
  ]);
  const heading = `INPUTS of the features of ${formatEasternTime(happenedAt)}`;
  return [heading, ...indented(textTable(rows, new Set([3])))];
}

function detectionsText(
  detections: Standing["detections"],
  features: Standing["features"],
): string[] {
  if (detections.length === 0) return ["DETECTIONS  none yet: no slot has evaluated it"];
  const rows = detections.map(({ event }) => [
    event.detector,
    `score ${formatScore(event.score)}`,
    `confidence ${formatScore(event.confidence)}`,
    event.label?.toLowerCase() ?? "",
    componentsText(event),
  ]);
  return [`DETECTIONS  ${madeFrom(detections[0]?.event, features)}`, ...indented(textTable(rows))];
}

function componentsText({ components, missing, signals, error }: Detection): string {
  const parts = components.map(({ name, value, reason }) =>
    value === null ? `${name} - (${reason ?? "unknown"})` : `${name} ${value.toFixed(2)}`,
  );
  if (components.length === 0 && missing.length > 0) parts.push(`lacks ${missing.join(", ")}`);
  if (error !== null) parts.push(`failed: ${error}`);
  return [...signals, ...parts].join(", ");
}

function madeFrom(detection: Detection | undefined, features: Standing["features"]): string {
  if (detection === undefined) return "";
  const at = formatEasternTime(detection.happenedAt);
  return detection.featuresId === features?.id ? at : `${at}, from the features of that time`;
}

function verdictText({ id, event, place }: Located<"signals.verdict.v1">): string[] {
  const { happenedAt, strategy, profile, preset, session } = event;
  return [
    `VERDICT  ${formatEasternTime(happenedAt)}, ${session.toLowerCase()} session, ${strategy}, profile ${profile}, preset ${preset}`,
    `  ${id} at ${placeText(place)}, from features ${event.featuresId}`,
    `  ${outcomeText(event)}`,
    ...event.gates.map((gate) => `  ${gateSentence(gate)}`),
    ...event.softPenalties.map(
      ({ name, penalty, detail }) => `  ${name} takes ${penalty} off the confidence: ${detail}`,
    ),
    ...event.missing.map((missing) => `  ${missingSentence(missing)}`),
  ];
}

function outcomeText({
  passed,
  firstFailure,
  label,
  score,
  rawScore,
  confidence,
}: Verdict): string {
  const figures = `score ${formatScore(score)} (${formatScore(rawScore)} before the gates), confidence ${formatScore(confidence)}`;
  if (!passed) return `Rejected by ${firstFailure ?? "a gate"}: ${figures}`;
  return `Passed every hard gate, earns ${labelInWords(label)}: ${figures}`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
