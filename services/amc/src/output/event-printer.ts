import type { AnyEvent } from "@amc/streams/kernel/stage";
import type { Followed } from "../event-follower.ts";
import { alertJson, alertText, recommendationJson, recommendationText, runJson } from "./lines.ts";
import type { Printer } from "./printer.ts";
import type { RunSummary } from "./run-summary.ts";
import { shadowRunJson } from "./shadow-lines.ts";

/** Topics whose events a running command tells about. */
export const TOLD_TOPICS = [
  "discovery.run.v1",
  "discovery.recommendation.v1",
  "discovery.shadow-run.v1",
  "signals.verdict.v1",
  "alerts.requested.v1",
] as const;

/** Tells what a follower has found, and adds it to the summary. */
export function tellFollowed(
  { events, unreadable }: Followed,
  printer: Printer,
  summary: RunSummary,
): void {
  for (const event of events) {
    summary.take(event);
    printEvent(printer, event);
  }
  for (const record of unreadable) {
    summary.passedOver();
    const { topic, partition, offset, code, reason } = record;
    printer.line(
      { type: "unreadable", ...record },
      `UNREADABLE ${topic}/${partition}/${offset}: ${reason} [${code}]`,
    );
  }
}

/** Runs and what they are compared with are for scripts and pages; a person sees recommendations and alerts. */
function printEvent(printer: Printer, event: AnyEvent): void {
  switch (event.topic) {
    case "discovery.run.v1":
      printer.line(runJson(event.value), null);
      return;
    case "discovery.shadow-run.v1":
      printer.line(shadowRunJson(event.value), null);
      return;
    case "discovery.recommendation.v1":
      printer.line(recommendationJson(event.id, event.value), recommendationText(event.value));
      return;
    case "alerts.requested.v1":
      printer.line(alertJson(event.id, event.value), alertText(event.value));
      return;
    default:
  }
}
