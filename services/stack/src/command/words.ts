import { parseArgs } from "node:util";
import { isPartName, PART_NAMES, type PartName } from "../parts.ts";
import { UsageError } from "./exit-codes.ts";

export interface Action {
  readonly summary: string;
  /** Whole command lines that work as they stand. */
  readonly examples: readonly string[];
  readonly options: readonly OptionName[];
  /** Whether names of parts may follow. */
  readonly takesParts: boolean;
}

const OPTIONS = {
  brokers: { type: "string", value: "<n>", doc: "brokers of a new cluster; 3 replicate" },
  only: { type: "string", value: "<parts>", doc: `only these of ${PART_NAMES.join(",")}` },
  native: { type: "boolean", value: null, doc: "as processes, whatever engine there is" },
  purge: { type: "boolean", value: null, doc: "remove data, logs and ports as well" },
  lines: { type: "string", value: "<n>", doc: "of the end of each log; 40 by default" },
  follow: { type: "boolean", value: null, doc: "go on with what is written from now on" },
  home: {
    type: "string",
    value: "<dir>",
    doc: "ports, processes, logs and data; AMC_STACK_HOME by default",
  },
  json: { type: "boolean", value: null, doc: "one JSON object per line on stdout" },
  help: { type: "boolean", value: null, doc: "this text" },
} as const;

type OptionName = keyof typeof OPTIONS;

export type ActionName = "up" | "down" | "status" | "logs";

export const ACTIONS: Readonly<Record<ActionName, Action>> = {
  up: {
    summary: "Starts Kafka, a schema registry, PostgreSQL and Redis, and creates the topics",
    examples: [
      "npm run stack -- up",
      "npm run stack -- up --native",
      "npm run stack -- up --brokers 3",
      "npm run --silent stack -- up --only kafka --json",
    ],
    options: ["only", "brokers", "native", "home", "json"],
    takesParts: false,
  },
  down: {
    summary: "Stops everything that up started; no process stays",
    examples: ["npm run stack -- down", "npm run stack -- down --purge"],
    options: ["only", "purge", "home", "json"],
    takesParts: false,
  },
  status: {
    summary: "Asks every part whether it answers; exit code 1 unless all do",
    examples: ["npm run stack -- status", "npm run --silent stack -- status --json"],
    options: ["only", "home", "json"],
    takesParts: false,
  },
  logs: {
    summary: "Shows the ends of the logs",
    examples: ["npm run stack -- logs", "npm run stack -- logs kafka --lines 200"],
    options: ["lines", "follow", "home", "json"],
    takesParts: true,
  },
};

/** What stood on the command line, checked. */
export interface Words {
  readonly action: ActionName;
  readonly parts: readonly PartName[];
  readonly brokers: number | undefined;
  readonly lines: number;
  readonly home: string | undefined;
  /** Whether containers are out of the question. */
  readonly native: boolean;
  readonly purge: boolean;
  readonly follow: boolean;
  readonly json: boolean;
}

const DEFAULT_LINES = 40;
const MOST_BROKERS = 5;
const MOST_LINES = 1_000_000;

/** The words of a call, or the text that was asked for instead. */
export function readWords(argv: readonly string[]): Words | { readonly help: string } {
  const [first = "--help", ...rest] = argv;
  if (first === "--help" || first === "-h") return { help: overview() };
  if (!isAction(first)) {
    throw new UsageError(`there is no command ${first}; see: npm run stack -- --help`);
  }
  const { values, positionals } = parse(first, rest);
  if (values.help === true) return { help: helpOf(first) };
  const text = (name: OptionName) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const only = text("only")?.split(",") ?? [];
  const words: Words = {
    action: first,
    parts: readParts(first, [...only, ...positionals], positionals.length),
    brokers: count("brokers", text("brokers"), MOST_BROKERS),
    lines: count("lines", text("lines"), MOST_LINES) ?? DEFAULT_LINES,
    home: text("home"),
    native: values.native === true,
    purge: values.purge === true,
    follow: values.follow === true,
    json: values.json === true,
  };
  if (words.purge && words.parts.length < PART_NAMES.length) {
    throw new UsageError("--purge removes everything, so it does not go with --only");
  }
  return words;
}

const isAction = (name: string): name is ActionName => Object.hasOwn(ACTIONS, name);

function parse(action: ActionName, args: readonly string[]) {
  const names: readonly OptionName[] = [...ACTIONS[action].options, "help"];
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const name of names) options[name] = { type: OPTIONS[name].type };
  options.help = { type: "boolean", short: "h" };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason}\nSee: npm run stack -- ${action} --help`);
  }
}

function readParts(
  action: ActionName,
  names: readonly string[],
  positionals: number,
): readonly PartName[] {
  if (positionals > 0 && !ACTIONS[action].takesParts) {
    throw new UsageError(`${action} takes no words beside its options`);
  }
  const unknown = names.find((name) => !isPartName(name));
  if (unknown !== undefined) {
    throw new UsageError(`there is no part ${unknown}; there are ${PART_NAMES.join(", ")}`);
  }
  return names.length === 0 ? PART_NAMES : PART_NAMES.filter((part) => names.includes(part));
}

function count(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new UsageError(`--${name} takes a whole number from 1 to ${max}`);
}

function overview(): string {
  const lines = [
    "The servers of AMC on this machine, in containers where Docker runs, else as processes",
    "",
  ];
  for (const [name, { summary }] of Object.entries(ACTIONS)) {
    lines.push(`  ${name.padEnd(8)} ${summary}`);
  }
  lines.push("", "Example: npm run stack -- up");
  lines.push("npm run stack -- <command> --help tells more.");
  return lines.join("\n");
}

function helpOf(name: ActionName): string {
  const { summary, options, examples, takesParts } = ACTIONS[name];
  const usage = `Usage: npm run stack -- ${name}${takesParts ? " [<part> …]" : ""} [options]`;
  const lines = [summary, "", usage, "", "Options:"];
  const names: readonly OptionName[] = [...options, "help"];
  for (const option of names) {
    const { value, doc } = OPTIONS[option];
    const left = value === null ? `--${option}` : `--${option} ${value}`;
    lines.push(`  ${left.padEnd(20)} ${doc}`);
  }
  lines.push("", "Examples:", ...examples.map((example) => `  ${example}`));
  return lines.join("\n");
}
