import { mkdirSync } from "node:fs";
import { currentLoad, describeMachine } from "../bench/machine.ts";
import { WORKLOADS, workloadNamed } from "../bench/registry.ts";
import { type ReportedMetric, summarise, TABLE_HEAD, tableRows } from "../bench/report.ts";
import { type ChildRun, runInChild } from "../bench/run-in-child.ts";
import type { Scale, Workload } from "../bench/workload.ts";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { Printer } from "../output/printer.ts";

const RUNS: Readonly<Record<Scale, number>> = { small: 1, full: 3 };
const RUNS_MAX = 99;

export const BENCH: CommandSpec = {
  name: "bench",
  summary: "Measures codec, stages, log, read models, latencies, state and start-up",
  examples: [
    "npm run bench",
    "npm run bench -- --small",
    "npm run --silent bench -- --only scan-memory,scan-durable --runs 5 --json",
    "npm run bench -- --only B-1core --runs 1 --profile ./profiles",
  ],
  options: {
    only: {
      type: "string",
      value: "<name,...>",
      doc: `of these: ${WORKLOADS.map(({ name }) => name).join(", ")}`,
    },
    runs: { type: "string", value: "<n>", doc: "processes per workload; 3, or 1 with --small" },
    small: { type: "boolean", doc: "a tenth of the data: shows that it runs, not how fast" },
    profile: { type: "string", value: "<dir>", doc: "write a CPU profile of each workload there" },
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
  const workloads = asked(words.text("only"));
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
      results.push(await runInChild({ name: workload.name, scale, profileDirectory }));
    }
    tell(printer, workload, summarise(workload, results), { scale, load, results });
  }
  printer.done();
  return EXIT.ok;
}

function asked(only: string | undefined): readonly Workload[] {
  if (only === undefined) return WORKLOADS;
  return only.split(",").map((name) => {
    const workload = workloadNamed(name);
    if (workload !== undefined) return workload;
    throw new CommandError(
      EXIT.usage,
      `there is no workload ${name}; see: npm run bench -- --help`,
    );
  });
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
