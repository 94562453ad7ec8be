import { followContainers, logsOfContainers } from "../containers/part-logs.ts";
import { type Runner, runnerOf } from "../containers/runner.ts";
import type { StackContext } from "../context.ts";
import { bringDown } from "../down.ts";
import { readLogs } from "../logs.ts";
import { PART_TITLES, PART_VARIABLES, type PartReport } from "../parts.ts";
import { statusOfParts } from "../status.ts";
import { bringUp } from "../up.ts";
import { EXIT } from "./exit-codes.ts";
import { followFiles } from "./follow.ts";
import type { Printer } from "./printer.ts";
import { redactedAddress } from "./redact.ts";
import type { ActionName, Words } from "./words.ts";

export interface Call {
  readonly words: Words;
  readonly context: StackContext;
  readonly printer: Printer;
}

/** Each returns the exit code. */
export const RUN_ACTION: Readonly<Record<ActionName, (call: Call) => Promise<number>>> = {
  up: runUp,
  down: runDown,
  status: runStatus,
  logs: runLogs,
};

async function runUp({ context, printer }: Call): Promise<number> {
  const { runner, parts, topics, schemas, refusal } = await bringUp(context);
  for (const report of parts) printPart(printer, report);
  const { root } = context.home;
  if (topics !== null)
    printer.line({ type: "topics", detail: topics }, `          topics   ${topics}`);
  if (schemas !== null) {
    printer.line({ type: "schemas", detail: schemas }, `          schemas  ${schemas}`);
  }
  printer.line(
    { type: "stack", runner, home: root, env: `${root}/stack.env` },
    `${WHERE_IT_LIES[runner](root)}; the addresses are in stack.env there.`,
  );
  if (refusal !== null) throw refusal;
  // Every answer can come from the tables, so a stack without its cache is one that works.
  const lacking = parts.filter(
    ({ part, state }) => state === "failed" || (state === "missing" && part !== "redis"),
  );
  return lacking.length === 0 ? EXIT.ok : EXIT.unavailable;
}

const WHERE_IT_LIES: Readonly<Record<Runner, (root: string) => string>> = {
  processes: (root) => `Everything of it lies in ${root}`,
  containers: (root) =>
    `It runs in containers, its data lies in their volumes, its home is ${root}`,
};

async function runDown({ words, context, printer }: Call): Promise<number> {
  const report = await bringDown(context, words.purge);
  const { stopped, killed, unrecorded, purged } = report;
  const names = stopped.length === 0 ? "nothing ran" : `stopped ${stopped.join(", ")}`;
  const force = killed.length === 0 ? "" : `; killed after its time: ${killed.join(", ")}`;
  const strays = unrecorded === 0 ? "" : `; ended ${unrecorded} process(es) without a record`;
  const gone = purged ? "; removed all data" : "";
  printer.line({ type: "down", ...report }, `${names}${force}${strays}${gone}`);
  return EXIT.ok;
}

async function runStatus({ context, printer }: Call): Promise<number> {
  const parts = await statusOfParts(context);
  for (const report of parts) printPart(printer, report);
  return parts.every(({ state }) => state === "running" || state === "given")
    ? EXIT.ok
    : EXIT.failed;
}

async function runLogs({ words, context, printer }: Call): Promise<number> {
  const { parts } = context.settings;
  const inContainers = runnerOf(context.home) === "containers";
  if (inContainers && words.follow) return followContainers(parts, words.lines);
  const logs = inContainers
    ? await logsOfContainers(parts, words.lines)
    : readLogs(context, words.lines);
  if (logs.length === 0) {
    printer.note(inContainers ? "no containers" : `no logs in ${context.home.logs}`);
    return EXIT.failed;
  }
  if (words.follow) {
    const paths = logs.flatMap(({ path }) => path ?? []);
    return followFiles(paths, words.lines);
  }
  for (const log of logs) {
    const head = `== ${log.path ?? log.name}`;
    printer.line({ type: "log", ...log }, [head, ...log.lines, ""].join("\n"));
  }
  return EXIT.ok;
}

/** Passwords are in stack.env, which only this user can read; a terminal is looked at by others. */
function printPart(printer: Printer, report: PartReport): void {
  const { part, state, address, detail, pids } = report;
  const shown = address === null ? "" : `  ${PART_VARIABLES[part]}=${redactedAddress(address)}`;
  const processes = pids.length === 0 ? "" : ` (pid ${pids.join(", ")})`;
  const head = `${state.padEnd(8)}  ${PART_TITLES[part].padEnd(16)} ${detail}${processes}`;
  printer.line(
    { type: "part", ...report, address: address === null ? null : redactedAddress(address) },
    shown === "" ? head : `${head}\n${" ".repeat(10)}${shown.trim()}`,
  );
}
