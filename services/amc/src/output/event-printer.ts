import type { AnyEvent } from "@amc/streams/kernel/stage";
import { alertJson, alertText, recommendationJson, recommendationText, runJson } from "./lines.ts";
import type { Printer } from "./printer.ts";

/** Topics whose events a running command tells about. */
export const TOLD_TOPICS = [
  "discovery.run.v1",
  "discovery.recommendation.v1",
  "signals.verdict.v1",
  "alerts.requested.v1",
] as const;

/** Runs are for scripts and pages; a person sees recommendations and alerts. */
export function printEvent(printer: Printer, event: AnyEvent): void {
  switch (event.topic) {
    case "discovery.run.v1":
      printer.line(runJson(event.value), null);
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
