import type { RecordingDescription } from "@amc/ingest-recordings/describe";
import { CommandError, EXIT } from "../exit-codes.ts";
import { formatCount } from "../output/format.ts";
import type { Printer } from "../output/printer.ts";
import { refusalLines } from "../output/refusal-lines.ts";
import { RunSummary } from "../output/run-summary.ts";

/**
 * Ends a command whose recording holds no fact, before it is played: a log that took it would hold
 * a recording that is complete, and refuse the mended one.
 */
export function refuseUnreadable(description: RecordingDescription, printer: Printer): void {
  const { name, facts, refusals, skipped } = description;
  if (facts > 0) return;
  printer.done();
  printer.line(
    new RunSummary().json({ recording: name, complete: false, facts: {}, rejected: refusals }),
    null,
  );
  const reasons = [...refusalLines(refusals), ...leftOutLines(skipped)];
  if (reasons.length === 0) reasons.push("  its files have no rows");
  throw new CommandError(EXIT.noInput, [`recording ${name} holds no fact`, ...reasons].join("\n"));
}

function leftOutLines(skipped: RecordingDescription["skipped"]): string[] {
  return Object.entries(skipped).map(
    ([reason, count]) => `  left out as ${reason}: ${formatCount(count)} rows`,
  );
}
