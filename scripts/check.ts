import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { type Check, type CheckResult, runCheck } from "./checks/run-check.ts";

const HELP = `Runs every check of the tree that is not a test, two at a time, and says what each found.

  npm run check                 all of them
  npm run check -- types lint   only these
  npm run check:types           one, with its tool's own output

Exit code 0 if all hold. A check that cannot be made here is named as skipped, never as passed.
`;

const CHECKS: readonly Check[] = [
  { name: "types", holds: "TypeScript agrees, tests and scripts included", cacheable: true },
  { name: "lint", holds: "no promise is dropped, no stage reads a clock", cacheable: true },
  { name: "format", holds: "everything is formatted alike", cacheable: true },
  { name: "direction", holds: "schemas <- streams <- services, and no cycle", cacheable: true },
  { name: "dead-code", holds: "every file, export and dependency is used", cacheable: true },
  { name: "generated", holds: "generated files are those of their sources", cacheable: true },
  { name: "schemas", holds: "every released event can still be read", cacheable: true },
  { name: "tree", holds: "no oversized file, no path or host of one machine", cacheable: true },
  { name: "licences", holds: "what we ship may be shipped, exact and locked", cacheable: true },
  { name: "audit", holds: "no known vulnerability of high severity", cacheable: false },
];

/** The machines this runs on have two cores, and the tools that take long use one each. */
const CONCURRENCY = 2;

const out = (line: string) => process.stdout.write(`${line}\n`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

const nameWidth = Math.max(...CHECKS.map(({ name }) => name.length));

function show({ check, verdict, cached, elapsedMs, output }: CheckResult): void {
  const time = (cached ? "cached" : seconds(elapsedMs)).padStart(7);
  out(`${verdict.padEnd(7)} ${check.name.padEnd(nameWidth)} ${time}  ${check.holds}`);
  if (verdict !== "ok") out(output.replaceAll(/^(?=.)/gm, "        "));
}

async function runAll(checks: readonly Check[]): Promise<CheckResult[]> {
  const root = join(import.meta.dirname, "..");
  const waiting = [...checks];
  const results: CheckResult[] = [];
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const result = await runCheck(check, root);
      show(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean" } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const unknown = positionals.filter((name) => !CHECKS.some((check) => check.name === name));
  if (unknown.length > 0) {
    const known = CHECKS.map(({ name }) => name).join(", ");
    process.stderr.write(`no check is called ${unknown.join(", ")}; there are ${known}\n`);
    process.exitCode = 2;
    return;
  }
  const chosen = CHECKS.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const startedMs = performance.now();
  const results = await runAll(chosen);
  const count = (verdict: CheckResult["verdict"]) =>
    results.filter((result) => result.verdict === verdict).length;
  const skipped = count("skipped") > 0 ? `, ${count("skipped")} skipped` : "";
  const time = seconds(performance.now() - startedMs);
  out(`check: ${count("ok")} hold, ${count("failed")} do not${skipped}, in ${time}`);
  if (count("failed") > 0) process.exitCode = 1;
}

await main();
