import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startVitest } from "vitest/node";
import { collectOutcome } from "./test-run/collect-outcome.ts";
import {
  closingLine,
  failureLines,
  isImpossibleHere,
  type Outcome,
  skipsByReason,
} from "./test-run/outcome.ts";
import { isSuiteName, SUITES } from "./test-run/suites.ts";

const HELP = `Runs every test that can run on this machine.

  npm test                     all of them
  npm test -- streams/gates    files whose path contains the word
  npm test -- --unit           only the fast, pure ones (*.test.ts)
  npm test -- --suite <name>   those of one subject: ${Object.keys(SUITES).join(", ")}
  npm test -- --root <folder>  those of another checkout

AMC_DATA            root of the recordings, by default ../shared/data
AMC_REQUIRE_STACK=1 a skipped test is a failure: nothing may be missing here

Each failure is named once more in a line before the last. The last line counts: N passed, N failed[, N skipped]. Exit code 0 if nothing failed, else 1.
`;

/** Tests shown of one reason: the reason is what tells how to run them. */
const NAMES_SHOWN = 5;

const out = (line: string) => process.stdout.write(`${line}\n`);

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function showSkips(outcome: Outcome): void {
  for (const [reason, names] of skipsByReason(outcome.skipped)) {
    out(`skipped, ${reason}: ${names.length}`);
    for (const name of names.slice(0, NAMES_SHOWN)) out(`  ${name}`);
    if (names.length > NAMES_SHOWN) out(`  and ${names.length - NAMES_SHOWN} more`);
  }
}

/** Skips that are failures because this run has to show everything. */
function refusedSkips(outcome: Outcome): number {
  const isRoot = process.getuid?.() === 0;
  const refused = outcome.skipped.filter(({ reason }) => !isImpossibleHere(reason, isRoot));
  for (const { name, reason } of refused) {
    out(`must not be skipped here: ${name} (${reason ?? "no reason given"})`);
  }
  return refused.length;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      unit: { type: "boolean" },
      suite: { type: "string" },
      root: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const suite = values.suite ?? null;
  if (suite !== null && !isSuiteName(suite)) {
    out(`there is no suite ${suite}: ${Object.keys(SUITES).join(", ")}`);
    process.exitCode = 1;
    return;
  }
  const root = resolve(values.root ?? join(import.meta.dirname, ".."));
  const mustRunAll = process.env.AMC_REQUIRE_STACK === "1";
  // Absolute, because tests start processes in other directories.
  const data = resolve(root, process.env.AMC_DATA ?? "../shared/data");
  if (mustRunAll && !isDirectory(data)) {
    out(`AMC_REQUIRE_STACK=1 needs the recordings, and ${data} is no directory: set AMC_DATA`);
    process.exitCode = 1;
    return;
  }
  process.env.AMC_DATA = data;

  const paths = [...positionals, ...(suite === null ? [] : SUITES[suite])];
  const vitest = await startVitest(paths, {
    root,
    run: true,
    watch: false,
    passWithNoTests: false,
    ...(values.unit === true ? { project: ["unit"] } : {}),
  });
  const outcome = collectOutcome(vitest);
  await vitest.close();

  showSkips(outcome);
  const refused = mustRunAll ? refusedSkips(outcome) : 0;
  const ranNothing = outcome.passed + outcome.failed.length + outcome.skipped.length === 0;
  if (ranNothing) out(`no test matches ${paths.join(" ") || "the tree"}`);
  for (const line of failureLines(outcome.failed)) out(line);
  if (outcome.failed.length > 0 || refused > 0 || ranNothing) process.exitCode = 1;
  out(closingLine(outcome));
}

await main();
