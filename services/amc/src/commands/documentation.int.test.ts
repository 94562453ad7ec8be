import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandSpec, helpOf, readWords } from "../command.ts";
import { runCommand } from "../testing/run-command.ts";
import { TestDirectory, writeBuiltInSystem } from "../testing/simulated-system.ts";

/**
 * Commands whose examples need nothing but the data directory of a first `npm start`. The others
 * serve, kill or measure, write outside of it, or need recorded data or Kafka, and have tests of their
 * own.
 */
const RUNNABLE = [
  "config print",
  "control list",
  "dlq list",
  "dlq redrive",
  "explain",
  "inspect",
  "prune",
  "replay",
  "shadow",
  "status",
  "topics",
] as const;

const page = (name: string) =>
  readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), "utf8");
const PAGE = page("commands.md");
const RUNBOOK = page("runbook.md");

let specs: ReadonlyMap<string, CommandSpec>;

/** Every command of this folder by name, found by its shape. */
async function commandSpecs(): Promise<ReadonlyMap<string, CommandSpec>> {
  const found = new Map<string, CommandSpec>();
  for (const file of readdirSync(import.meta.dirname)) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const path = join(import.meta.dirname, file);
    const module: Readonly<Record<string, unknown>> = await import(path);
    for (const exported of Object.values(module)) {
      if (isSpec(exported)) found.set(exported.name, exported);
    }
  }
  return found;
}

function isSpec(value: unknown): value is CommandSpec {
  return typeof value === "object" && value !== null && "summary" in value && "run" in value;
}

/** Command lines of a text, as the words after `amc`. */
function commandLines(text: string): string[][] {
  return text.split("\n").flatMap((line) => {
    const words = /^ *npm (?:run (?:--silent )?)?(.+)$/.exec(line)?.[1]?.match(/"[^"]*"|\S+/g);
    const [script, ...rest] = words ?? [];
    // A comment or a redirection is for the shell.
    const end = rest.findIndex((word) => ["#", ">", "<"].includes(word));
    const given = (end < 0 ? rest : rest.slice(0, end)).filter(
      (word) => word !== "--" && word !== "--silent",
    );
    if (script === "amc") return [given];
    return script === "start" || script === "bench" ? [[script, ...given]] : [];
  });
}

function specOf([first = "", second = ""]: readonly string[]): CommandSpec {
  const spec = specs.get(`${first} ${second}`) ?? specs.get(first);
  if (spec === undefined) throw new Error(`there is no command ${first} ${second}`);
  return spec;
}

function read(words: readonly string[]): void {
  const spec = specOf(words);
  readWords(spec, words.slice(spec.name.split(" ").length));
}

beforeAll(async () => {
  specs = await commandSpecs();
});

describe("docs/commands.md", () => {
  it("has a section for every command", () => {
    expect(specs.size).toBeGreaterThan(15);
    const headings = [...PAGE.matchAll(/^## (.+)$/gm)].flatMap(([, title]) => [
      title,
      ...(title ?? "").split(/,? /),
    ]);
    const missing = [...specs.keys()].filter(
      (name) => !headings.includes(name) && !headings.includes(name.split(" ")[0]),
    );
    expect(missing).toEqual([]);
  });

  it("shows only command lines that the commands accept", () => {
    // A block holds either command lines or what a command printed.
    const blocks = PAGE.split(/^```$/m).filter((_, index) => index % 2 === 1);
    const lines = blocks.filter((block) => block.startsWith("\nnpm ")).flatMap(commandLines);
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(() => read(line), line.join(" ")).not.toThrow();
  });
});

describe("docs/runbook.md", () => {
  const lines = [...RUNBOOK.matchAll(/`(npm run [^`]*\bamc -- [^`]+)`/g)].flatMap(([, line = ""]) =>
    commandLines(line.replaceAll("\n", " ")),
  );

  it("names only command lines that the commands accept", () => {
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(() => read(line), line.join(" ")).not.toThrow();
  });

  it("says which of its commands take --kafka, and they do", () => {
    const [, told = ""] = /these\s+take `--kafka`: ([^.]+)\./.exec(RUNBOOK) ?? [];
    const named = lines.map((line) => specOf(line));
    const taking = named.filter(({ options }) => "kafka" in options).map(({ name }) => name);
    const toldNames = [...told.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    expect(toldNames.toSorted()).toEqual([...new Set(taking)].toSorted());
    for (const { name } of named) {
      const takes = () =>
        read([...(lines.find((line) => specOf(line).name === name) ?? []), "--kafka"]);
      if (toldNames.includes(name)) expect(takes, name).not.toThrow();
      else expect(takes, name).toThrow(/--kafka/);
    }
  });
});

describe("--help", () => {
  it("shows for every command at least one example, and only such as it accepts", () => {
    for (const [name, spec] of specs) {
      const lines = commandLines(helpOf(spec));
      expect(lines.length, name).toBeGreaterThan(0);
      for (const line of lines) expect(() => read(line), line.join(" ")).not.toThrow();
    }
  });
});

describe("the examples of --help, where npm start has played the built-in case", () => {
  const directory = new TestDirectory();
  beforeAll(() => writeBuiltInSystem(directory.at(".amc")));
  afterAll(() => directory.dispose());

  it.each(RUNNABLE)("of %s work as they stand", async (name) => {
    const examples = commandLines(specs.get(name)?.examples.join("\n") ?? "").filter(
      (line) => !line.includes("gme-2021") && !line.includes("--kafka"),
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const words of examples) {
      const environment = { AMC_DATA_DIR: ".amc" };
      const { exitCode, stderr } = await runCommand(words, environment, directory.path);
      expect(exitCode, `${words.join(" ")}\n${stderr}`).toBe(0);
    }
  });
});
