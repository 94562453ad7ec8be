import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { isTopicName } from "../schemas/src/topics.ts";
import { EXPECTED_JOBS } from "../services/amc/src/day/job-oracle.ts";
import { createTopology, DEFAULT_TOPOLOGY } from "../streams/topology/topology.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const DOCUMENTS = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** All texts that the first group of a pattern finds. */
function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, group]) => (group === undefined ? [] : [group]));
}

/** Cells of every table row of a text, without the borders. */
function tableRows(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

const inBackticks = (text: string) => found(text, /`([^`\n]+)`/g);
const TOPIC = /\b[a-z]+\.[a-z-]+\.v\d+\b/g;

describe("the documents", () => {
  const TREE = /^(?:\.ci|docs|infra|schemas|scripts|services|streams)\//;

  it.each(DOCUMENTS)("%s names only paths that exist", (document) => {
    const text = read(document);
    const named = inBackticks(text).filter((path) => TREE.test(path) && !/[\s<>*…{]/.test(path));
    const linked = found(text, /\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g).map((path) =>
      relative(ROOT, join(ROOT, document, "..", path)),
    );
    expect([...named, ...linked].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it.each(DOCUMENTS)("%s names only commands that exist", (document) => {
    const text = read(document);
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
    const ofNpm = found(text, /npm run (?:--silent )?([a-z][\w:-]*)/g);
    expect(ofNpm.filter((name) => scripts[name] === undefined)).toEqual([]);
    // The entry point runs when it is imported, so its table of commands is read as text.
    const main = read("services/amc/src/main.ts");
    const commands = found(main, /^ {2}"?([a-z]+(?: [a-z][a-z-]*)?)"?: async \(\) =>/gm);
    expect(commands).toContain("start");
    const ofAmc = found(text, /npm run (?:--silent )?amc -- ([a-z]+(?: [a-z][a-z-]*)?)/g);
    const isKnown = (words: string) =>
      commands.some((command) => words === command || words.split(" ")[0] === command);
    expect(ofAmc.filter((words) => !isKnown(words))).toEqual([]);
  });

  it.each(DOCUMENTS)("%s names only topics that exist", (document) => {
    const named = read(document).match(TOPIC) ?? [];
    expect(named.filter((name) => !isTopicName(name))).toEqual([]);
  });
});

describe("the map", () => {
  const subtopologies = createTopology(DEFAULT_TOPOLOGY);
  const stages = subtopologies.flatMap((subtopology) =>
    subtopology.stages.map((stage) => ({ subtopology: subtopology.name, ...stage })),
  );

  it("in docs/architecture.md lists every stage of the topology with what it reads and writes", () => {
    const [, section = ""] = read("docs/architecture.md").split("\n## Stages\n");
    const rows = tableRows(section.split("\n## ")[0] ?? "").slice(1);
    const drawn = rows.map(([stage = "", subtopology, , reads = "", writes = ""]) => ({
      stage: inBackticks(stage)[0],
      subtopology,
      reads: inBackticks(reads),
      writes: inBackticks(writes),
    }));
    expect(drawn).toEqual(
      stages.map(({ name, subtopology, inputs, outputs }) => ({
        stage: name,
        subtopology,
        reads: [...inputs],
        writes: [...outputs],
      })),
    );
  });

  it("in README draws nothing that does not exist", () => {
    const [, section = ""] = read("README.md").split("\n## The way of one tick\n");
    const [, drawing = ""] = section.split("```");
    const nodes = drawing
      .replaceAll(/\([^)]*\)/g, " ")
      .split(/[─▶◀│▼\n,]+|\s{2,}/u)
      .map((node) => node.trim())
      .filter((node) => node !== "");
    expect(nodes).not.toEqual([]);
    const services = readdirSync(join(ROOT, "services"));
    // Parts of the drawing that are no stage, service or topic.
    const others = ["recording", "page", "PostgreSQL", "six detectors"];
    const names = [...services, ...others, ...stages.map(({ name }) => name.replaceAll("-", " "))];
    const topics = stages.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
    const exists = (node: string) =>
      names.includes(node) ||
      isTopicName(node) ||
      (node.endsWith(".*") && topics.some((topic) => topic.startsWith(node.slice(0, -1))));
    expect(nodes.filter((node) => !exists(node))).toEqual([]);
  });
});

describe("docs/requirements.md", () => {
  /** Rows of each group; the planning documents number them without gaps. */
  const GROUPS = [
    "ARC 17, PY 21, ING 23, SI 18, DET 13, GAT 11, DIS 11, REC 11, DIP 11, ALR 17, LRN 11, ABT 12",
    "DB 20, RDS 13, API 27, JOB 21, ENV 32, MET 11, SUC 13, TST 16, SEC 12, RBK 12, OPS 12, VIS 6",
    "PLN 5",
  ].flatMap((line) => line.split(", ").map((group) => group.split(" ")));
  const text = read("docs/requirements.md");
  const rows = tableRows(text)
    .filter(([id = ""]) => id.startsWith("R-"))
    .map(([id = "", what = "", status = "", shown = ""]) => ({ id, what, status, shown }));
  const withStatus = (wanted: string) => rows.filter(({ status }) => status === wanted);

  it("holds each of the 376 rows exactly once, in order", () => {
    const ids = GROUPS.flatMap(([group, count]) =>
      Array.from(
        { length: Number(count) },
        (_, index) => `R-${group}-${`${index + 1}`.padStart(2, "0")}`,
      ),
    );
    expect(ids).toHaveLength(376);
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  it("says of each row what must hold and one of three statuses, and counts them rightly", () => {
    expect(rows.filter(({ what }) => what === "")).toEqual([]);
    const [done, partly, not] = ["done", "partly", "not yet"].map((one) => withStatus(one).length);
    expect((done ?? 0) + (partly ?? 0) + (not ?? 0)).toBe(rows.length);
    expect(text).toContain(`${done} done, ${partly} partly, ${not} not yet`);
  });

  it("shows what is done by a file or command, and says of the rest what is missing or when", () => {
    expect(withStatus("done").filter(({ shown }) => inBackticks(shown).length === 0)).toEqual([]);
    expect(withStatus("partly").filter(({ shown }) => !/missing: \S/.test(shown))).toEqual([]);
    const planned = /^(?:issue \d+|later)(?:: |$)/;
    expect(withStatus("not yet").filter(({ shown }) => !planned.test(shown))).toEqual([]);
  });

  it("says of each job that is asked for and that nobody works on that it is so", () => {
    const undone = EXPECTED_JOBS.filter(({ worker }) => worker === "nobody yet")
      // What its row asks for is the projector's.
      .filter(({ job }) => job !== "discovery_cache_clear");
    expect(undone.length).toBeGreaterThan(0);
    const [, decision = ""] = read("docs/decisions.md").split("**Jobs are asked for before");
    const [named = ""] = decision.split("\n\n**");
    const shownOf = (row: string) => rows.find(({ id }) => id === row)?.shown ?? "";
    for (const { job, row } of undone) {
      expect(named, job).toContain(`\`${job}\``);
      expect(shownOf(row), row).toContain("nobody works on it yet");
    }
    const others = rows.filter(({ shown }) => shown.includes("nobody works on it yet"));
    expect(new Set(others.map(({ id }) => id))).toEqual(new Set(undone.map(({ row }) => row)));
  });

  it("quotes names of tests that stand in the file beside them", () => {
    const quotation = /`([^`\s]+\.test\.ts)` "([^"]+)"/g;
    const quoted = rows.flatMap(({ id, shown }) =>
      [...shown.matchAll(quotation)].map(([, file = "", name = ""]) => ({ id, file, name })),
    );
    expect(quoted.length).toBeGreaterThan(50);
    expect(quoted.filter(({ file, name }) => !read(file).includes(name))).toEqual([]);
  });
});
