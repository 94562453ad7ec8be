import { spawnSync } from "node:child_process";
import { EXIT_SKIPPED } from "./run-check.ts";

/**
 * Asks the registry for known vulnerabilities of what we ship. Exits 1 when one is of high or critical
 * severity, and says that it is skipped when the registry does not answer: no answer is not a pass.
 */

const AUDIT_DEADLINE_MS = 60_000;

interface AuditReport {
  readonly metadata?: {
    readonly vulnerabilities: Readonly<Record<"low" | "moderate" | "high" | "critical", number>>;
  };
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>;
}

// The reason of a failure is a warning, which an outer `npm --silent` would hide.
const args = ["audit", "--omit=dev", "--audit-level=high", "--json", "--loglevel=warn"];
const run = spawnSync("npm", args, { encoding: "utf8", timeout: AUDIT_DEADLINE_MS });

function parseReport(text: string): AuditReport {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // npm writes prose instead of JSON when it could not ask
  }
}

const report = parseReport(run.stdout ?? "");
const counts = report.metadata?.vulnerabilities;
if (counts === undefined) {
  const reason = /npm (?:warn|error) (audit .*|code .*)/.exec(run.stderr ?? "")?.[1];
  const said = reason?.replace(/https?:\S+/, "the registry") ?? "no answer in time";
  process.stdout.write(`the registry's audit endpoint cannot be asked here: ${said}\n`);
  process.exitCode = EXIT_SKIPPED;
} else {
  const { low, moderate, high, critical } = counts;
  process.stdout.write(`${critical} critical, ${high} high, ${moderate} moderate, ${low} low\n`);
  for (const [name, { severity }] of Object.entries(report.vulnerabilities ?? {})) {
    process.stdout.write(`${severity} ${name}\n`);
  }
  if (high + critical > 0) process.exitCode = 1;
}
