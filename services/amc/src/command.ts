import { parseArgs } from "node:util";
import { CommandError, EXIT } from "./exit-codes.ts";

export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly doc: string;
  /** What stands for the value in the help, such as `<file>`. */
  readonly value?: string;
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Whole command lines that work as they stand. */
  readonly examples: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Names of the words after the command, all required. */
  readonly positionals?: readonly string[];
  /** Names of words that may follow them. */
  readonly optionalPositionals?: readonly string[];
  run(words: CommandWords): Promise<number>;
}

/** What stood on the command line, checked against the options of the command. */
export class CommandWords {
  readonly #values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];

  constructor(
    values: Readonly<Record<string, string | boolean | undefined>>,
    positionals: readonly string[],
  ) {
    this.#values = values;
    this.positionals = positionals;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** A whole number in a range; a usage error names the option otherwise. */
  count(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new CommandError(EXIT.usage, `--${name} takes a whole number from ${min} to ${max}`);
  }
}

/** Reads the words of one command; an unknown option is an error, never ignored. */
export function readWords(spec: CommandSpec, argv: readonly string[]): CommandWords | "help" {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {
    help: { type: "boolean", short: "h" },
  };
  for (const [name, { type }] of Object.entries(spec.options)) options[name] = { type };
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT.usage, `${reason}\nSee: npm run amc -- ${spec.name} --help`);
  }
  if (parsed.values.help === true) return "help";
  const { positionals: wanted = [], optionalPositionals: more = [] } = spec;
  const given = parsed.positionals.length;
  if (given < wanted.length || given > wanted.length + more.length) {
    const words = positionalsOf(spec) || "no words";
    throw new CommandError(EXIT.usage, `${spec.name} takes ${words} beside its options`);
  }
  return new CommandWords(parsed.values, parsed.positionals);
}

function parse(
  argv: readonly string[],
  options: Record<string, { type: "string" | "boolean"; short?: string }>,
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options,
    allowPositionals: true,
    strict: true,
  });
  const flat: Record<string, string | boolean | undefined> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string" || typeof value === "boolean") flat[name] = value;
  }
  return { values: flat, positionals };
}

function positionalsOf({ positionals = [], optionalPositionals = [] }: CommandSpec): string {
  const words = positionals.map((word) => `<${word}>`);
  return [...words, ...optionalPositionals.map((word) => `[<${word}>]`)].join(" ");
}

export function helpOf(spec: CommandSpec): string {
  const words = [spec.name, positionalsOf(spec), "[options]"].filter((word) => word !== "");
  const lines = [spec.summary, "", `Usage: npm run amc -- ${words.join(" ")}`, "", "Options:"];
  for (const [name, { doc, value, type }] of Object.entries(spec.options)) {
    const left = type === "boolean" ? `--${name}` : `--${name} ${value ?? "<value>"}`;
    lines.push(`  ${left.padEnd(30)} ${doc}`);
  }
  lines.push(`  ${"--help".padEnd(30)} this text`, "", "Examples:");
  for (const example of spec.examples) lines.push(`  ${example}`);
  return lines.join("\n");
}
