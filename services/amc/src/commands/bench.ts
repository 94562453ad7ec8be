import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import {
  compareRuns,
  comparisonText,
  type EarlierRuns,
  readEarlierRuns,
} from "../bench/comparison.ts";
import { currentLoad, describeMachine } from "../bench/machine.ts";
import { sharesOf } from "../bench/profiler.ts";
import { KAFKA_WORKLOADS, WORKLOADS, workloadNamed } from "../bench/registry.ts";
import { type ReportedMetric, summarise, TABLE_HEAD, tableRows } from "../bench/report.ts";
import { type ChildRun, runInChild } from "../bench/run-in-child.ts";
import type { Scale, Workload } from "../bench/workload.ts";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { Printer } from "../output/printer.ts";

const RUNS: Readonly<Record<Scale, number>> = { small: 1, full: 3 };
const RUNS_MAX = 99;

function namesOf(workloads: readonly Workload[]): string {
  return workloads.map(({ name }) => name).join(", ");
}

export const BENCH: CommandSpec = {
  name: "bench",
  summary:
    "Measures codec, stages, log, read models, latencies, state and start-up, or all on Kafka",
  examples: [
    "npm run bench",
    "npm run bench -- --small",
    "npm run --silent bench -- --only scan-memory,scan-durable --runs 5 --json",
    "npm run bench -- --only scan-memory --runs 5 --against before.jsonl",
    "npm run bench -- --only B-1core --runs 1 --profile ./profiles",
    "npm run bench -- kafka",
  ],
  optionalPositionals: ["kafka"],
  options: {
    only: {
      type: "string",
      value: "<name,...>",
      doc: `of these: ${namesOf(WORKLOADS)}; on the brokers of KAFKA_BROKERS: ${namesOf(KAFKA_WORKLOADS)}`,
    },
    runs: { type: "string", value: "<n>", doc: "processes per workload; 3, or 1 with --small" },
    small: { type: "boolean", doc: "a tenth of the data: shows that it runs, not how fast" },
    profile: {
      type: "string",
      value: "<dir>",
      doc: "write a CPU profile of each workload there and say where the time went",
    },
    against: {
      type: "string",
      value: "<file>",
      doc: "say which figures differ from those that --json printed to the file",
    },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: bench,
};

async function bench(words: CommandWords): Promise<number> {
  const printer = new Printer(words.flag("json"));
  const scale: Scale = words.flag("small") ? "small" : "full";
  const runs = words.count("runs", 1, RUNS_MAX) ?? RUNS[scale];
  const profileDirectory = words.text("profile");
  if (profileDirectory !== undefined) mkdirSync(profileDirectory, { recursive: true });
  const earlier = earlierRuns(words.text("against"));
  const profile = ({ name }: Workload): string | undefined =>
    profileDirectory === undefined ? undefined : join(profileDirectory, `${name}.cpuprofile`);
  const workloads = asked(words);
  const machine = describeMachine();
  printer.line(
    { type: "machine", ...machine },
    `Node ${machine.node}, ${machine.cores} x ${machine.cpu}, ${machine.memoryGiB} GiB, ` +
      `${machine.platform}, load ${machine.load} before; medians of ${runs}, ${scale} data`,
  );
  printer.line(null, TABLE_HEAD);
  for (const workload of workloads) {
    const load = currentLoad();
    const results: ChildRun[] = [];
    for (let run = 1; run <= runs; run += 1) {
      printer.progress({
        fraction: (run - 1) / runs,
        label: `${workload.name}: ${workload.summary}`,
        phase: `${workload.name} ${run}/${runs}`,
        eventTime: null,
      });
      results.push(await runInChild({ name: workload.name, scale, profile: profile(workload) }));
    }
    const metrics = summarise(workload, results);
    tell(printer, workload, metrics, { scale, load, results });
    tellShares(printer, workload, profile(workload));
    if (earlier !== null)
      tellDifferences(printer, earlier, { workload: workload.name, scale }, metrics);
  }
  printer.done();
  return EXIT.ok;
}

/** Where the time of the last run went, by part of the tree. */
function tellShares(printer: Printer, { name }: Workload, file: string | undefined): void {
  if (file === undefined) return;
  const shares = sharesOf(JSON.parse(readFileSync(file, "utf8")));
  const text = shares.map(([part, share]) => `${part} ${(share * 100).toFixed(1)} %`).join(", ");
  printer.line(
    { type: "profile", workload: name, file, shares: Object.fromEntries(shares) },
    `  ${text}`,
  );
}

function earlierRuns(file: string | undefined): EarlierRuns | null {
  if (file === undefined) return null;
  try {
    return readEarlierRuns(readFileSync(file, "utf8"), file);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(EXIT.noInput, `cannot read ${file}`, { cause: error });
  }
}

function tellDifferences(
  printer: Printer,
  earlier: EarlierRuns,
  what: { readonly workload: string; readonly scale: Scale },
  metrics: readonly ReportedMetric[],
): void {
  const comparisons = compareRuns(earlier, what, metrics);
  if (comparisons.length === 0) {
    printer.note(`  nothing earlier of ${what.workload} with ${what.scale} data to compare with`);
  }
  for (const one of comparisons) {
    printer.line({ type: "comparison", workload: what.workload, ...one }, comparisonText(one));
  }
}

function asked(words: CommandWords): readonly Workload[] {
  const [group] = words.positionals;
  if (group !== undefined && group !== "kafka") {
    throw new CommandError(EXIT.usage, `there is no group ${group}, only kafka`);
  }
  const only = words.text("only");
  const all = group === undefined ? WORKLOADS : KAFKA_WORKLOADS;
  const workloads = only === undefined ? all : only.split(",").map(named);
  const needsKafka = workloads.some((workload) => !WORKLOADS.includes(workload));
  if (needsKafka && loadProcessConfig().KAFKA_BROKERS === undefined) {
    throw new CommandError(
      EXIT.config,
      "KAFKA_BROKERS is not set: npm run stack -- up starts a broker and says its address",
    );
  }
  return workloads;
}

function named(name: string): Workload {
  const workload = workloadNamed(name);
  if (workload !== undefined) return workload;
  throw new CommandError(EXIT.usage, `there is no workload ${name}; see: npm run bench -- --help`);
}

function tell(
  printer: Printer,
  workload: Workload,
  metrics: readonly ReportedMetric[],
  how: { readonly scale: Scale; readonly load: number; readonly results: readonly ChildRun[] },
): void {
  const { name, summary, simulated } = workload;
  const { scale, load, results } = how;
  const peakRssMiB = Math.max(...results.map((result) => result.peakRssMiB));
  const facts = results[0]?.facts ?? {};
  printer.line(
    {
      ...{ type: "bench", workload: name, summary, simulated, scale },
      ...{ runs: results.length, load, peakRssMiB, facts, metrics },
    },
    tableRows(workload, metrics).join("\n"),
  );
}
