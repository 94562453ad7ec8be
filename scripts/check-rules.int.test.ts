import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import cruiserConfiguration from "../dependency-rules.ts";
import { linkPackages } from "../services/amc/src/testing/linked-packages.ts";

const REPOSITORY = join(import.meta.dirname, "..");
const TOOLS = join(REPOSITORY, "node_modules", ".bin");

/** What is imported below, in a tree that breaks no rule. */
const CLEAN_TREE: Readonly<Record<string, string>> = {
  "schemas/src/topics.ts": "export const TOPIC = 1;",
  "scripts/tool.ts": "export const TOOL = 1;",
  "services/platform/src/clock.ts": "export const CLOCK = 1;",
  "services/projector/src/projector.ts": `export { CLOCK } from "@amc/platform/clock";`,
  "services/amc/src/main.ts": `export { CLOCK } from "@amc/projector/projector";`,
  "streams/kernel/stage.ts": `export { TOPIC as STAGE } from "@amc/schemas/topics";`,
  "streams/market/bars.ts": "export const BARS = 1;",
  "streams/features/features.ts": `export { BARS as FEATURES } from "../market/bars.ts";`,
  "streams/detectors/detector.ts": `export { STAGE as DETECTOR } from "../kernel/stage.ts";`,
  "streams/detectors/squeeze/detect.ts": `export { DETECTOR as SQUEEZE } from "../detector.ts";`,
  "streams/testing/builder.ts": "export const BUILDER = 1;",
  "streams/topology/topology.ts": "export const TOPOLOGY = 1;",
};

/** One line of each kind that must not pass: rule, file it stands in, what it imports. */
const PLANTED_IMPORTS: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ["schemas-know-nothing", "schemas/src/a.ts", "../../streams/kernel/stage.ts"],
  ["streams-know-no-services", "streams/kernel/a.ts", "../../services/platform/src/clock.ts"],
  ["services-know-no-scripts", "services/amc/src/a.ts", "../../../scripts/tool.ts"],
  ["streams-do-no-io", "streams/kernel/b.ts", "node:fs"],
  [
    "detectors-do-not-import-each-other",
    "streams/detectors/technicals/a.ts",
    "../squeeze/detect.ts",
  ],
  ["platform-knows-no-stage", "services/platform/src/a.ts", "@amc/streams/features/features"],
  ["testing-only-in-tests", "streams/topology/a.ts", "../testing/builder.ts"],
  ["no-unresolvable-import", "services/amc/src/b.ts", "./absent.ts"],
  ["no-undeclared-package", "services/replay/src/a.ts", "pino"],
  [
    "streams-kernel-imports-only-its-vocabularies",
    "streams/kernel/c.ts",
    "../features/features.ts",
  ],
  ["streams-market-imports-only-its-vocabularies", "streams/market/a.ts", "../kernel/stage.ts"],
  [
    "streams-short-interest-imports-only-its-vocabularies",
    "streams/short-interest/a.ts",
    "../features/features.ts",
  ],
  [
    "streams-discovery-imports-only-its-vocabularies",
    "streams/discovery/a.ts",
    "../features/features.ts",
  ],
  ["streams-facts-imports-only-its-vocabularies", "streams/facts/a.ts", "../features/features.ts"],
  [
    "streams-features-imports-only-its-vocabularies",
    "streams/features/a.ts",
    "../detectors/detector.ts",
  ],
  [
    "streams-detectors-imports-only-its-vocabularies",
    "streams/detectors/a.ts",
    "../features/features.ts",
  ],
  ["streams-gates-imports-only-its-vocabularies", "streams/gates/a.ts", "../features/features.ts"],
  [
    "streams-scoring-imports-only-its-vocabularies",
    "streams/scoring/a.ts",
    "../features/features.ts",
  ],
  [
    "streams-alerts-imports-only-its-vocabularies",
    "streams/alerts/a.ts",
    "../detectors/detector.ts",
  ],
  [
    "streams-portfolio-imports-only-its-vocabularies",
    "streams/portfolio/a.ts",
    "../features/features.ts",
  ],
  [
    "streams-universe-imports-only-its-vocabularies",
    "streams/universe/a.ts",
    "../features/features.ts",
  ],
  ["streams-news-imports-only-its-vocabularies", "streams/news/a.ts", "../features/features.ts"],
  [
    "streams-projections-imports-only-its-vocabularies",
    "streams/projections/a.ts",
    "../detectors/detector.ts",
  ],
  [
    "streams-experiments-imports-only-its-vocabularies",
    "streams/experiments/a.ts",
    "../detectors/detector.ts",
  ],
  ["services-import-only-platform", "services/replay/src/c.ts", "@amc/projector/projector"],
  ["streams-jobs-imports-only-its-vocabularies", "streams/jobs/a.ts", "../features/features.ts"],
  [
    "streams-insight-imports-only-its-vocabularies",
    "streams/insight/a.ts",
    "../features/features.ts",
  ],
  ["services-amc-imports-only-its-parts", "services/amc/src/c.ts", "../../dashboard/src/page.ts"],
  ["confined-package-avsc", "services/platform/src/b.ts", "avsc"],
  ["confined-package-calls-out", "services/platform/src/f.ts", "undici"],
  ["confined-package-pg", "services/platform/src/c.ts", "pg"],
  ["confined-package-kafka-client", "services/projector/src/c.ts", "@platformatic/kafka"],
  ["confined-package-ioredis", "services/projector/src/b.ts", "ioredis"],
  ["confined-package-kafka-client", "services/platform/src/d.ts", "@platformatic/kafka"],
  ["confined-package-kafkajs", "services/platform/src/e.ts", "kafkajs"],
  ["confined-package-kafkajs", "services/platform/src/log/kafka/g.ts", "kafkajs"],
  ["confined-package-prom-client", "services/processor/src/b.ts", "prom-client"],
  ["confined-package-fastify", "services/alert-sender/src/a.ts", "fastify"],
  ["confined-package-recording-readers", "services/alert-sender/src/b.ts", "yauzl"],
  ["confined-package-xml", "services/platform/src/k.ts", "@rgrove/parse-xml"],
  ["confined-package-csv-parse", "services/platform/src/log/h.ts", "csv-parse"],
  ["confined-package-testcontainers", "services/stack/src/containers/a.ts", "testcontainers"],
];

/** Also found in a file above, because one import can be wrong in two ways. */
const SECOND_FINDINGS: readonly (readonly [rule: string, file: string])[] = [
  ["no-undeclared-package", "services/platform/src/b.ts"],
  ["no-undeclared-package", "services/platform/src/k.ts"],
  ["no-undeclared-package", "services/alert-sender/src/a.ts"],
  ["no-undeclared-package", "services/processor/src/b.ts"],
  ["no-undeclared-package", "services/projector/src/b.ts"],
  ["no-undeclared-package", "services/projector/src/c.ts"],
  ["no-undeclared-package", "services/alert-sender/src/b.ts"],
  ["no-undeclared-workspace", "schemas/src/a.ts"],
  ["no-undeclared-workspace", "services/amc/src/c.ts"],
  ["no-undeclared-workspace", "services/replay/src/c.ts"],
  ["no-undeclared-workspace", "streams/kernel/a.ts"],
];

let tree = "";

function write(path: string, text: string): void {
  mkdirSync(join(tree, dirname(path)), { recursive: true });
  writeFileSync(join(tree, path), `${text}\n`);
}

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "amc-planted-"));
  const manifests = "{package.json,{schemas,streams,services/*}/package.json}";
  for (const path of globSync(manifests, { cwd: REPOSITORY })) {
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    copyFileSync(join(REPOSITORY, path), join(tree, path));
  }
  for (const path of ["dependency-rules.ts", ".oxlintrc.json", "tsconfig.json"]) {
    copyFileSync(join(REPOSITORY, path), join(tree, path));
  }
  cpSync(join(REPOSITORY, "scripts", "lint"), join(tree, "scripts", "lint"), { recursive: true });
  linkPackages(REPOSITORY, tree);
  for (const [path, text] of Object.entries(CLEAN_TREE)) write(path, text);
});

afterAll(() => rmSync(tree, { recursive: true }));

function jsonOf(tool: string, args: readonly string[]) {
  const run = spawnSync(join(TOOLS, tool), args, {
    cwd: tree,
    encoding: "utf8",
    env: { PATH: `${TOOLS}:${process.env.PATH}` },
  });
  try {
    return JSON.parse(run.stdout);
  } catch (cause) {
    throw new Error(`${tool} printed no JSON: ${run.stdout}${run.stderr}`, { cause });
  }
}

/** Every violation in the tree as `rule file`, in order. */
function directionViolations(): string[] {
  const folders = ["schemas", "streams", "services", "scripts"];
  const args = ["--config", "dependency-rules.ts", "--output-type", "json", ...folders];
  const found: { rule: { name: string }; from: string }[] = jsonOf("depcruise", args).summary
    .violations;
  return found.map(({ rule, from }) => `${rule.name} ${from}`).sort();
}

/** Every finding of the linter in the planted file as `line rule`, in order. */
function lintFindings(path: string): string[] {
  const found: { code: string; labels: { span: { line: number } }[] }[] = jsonOf("oxlint", [
    "--format=json",
    path,
  ]).diagnostics;
  return found.map(({ code, labels }) => `${labels[0]?.span.line} ${code}`).sort();
}

describe("the direction of imports", () => {
  it("is kept by a tree in which each file imports what it may", () => {
    expect(directionViolations()).toEqual([]);
  });

  it("is broken by one planted import per rule, each named by its own rule", () => {
    write("services/dashboard/src/page.ts", "export const PAGE = 1;");
    for (const [, file, imported] of PLANTED_IMPORTS) write(file, `import "${imported}";`);
    const planted = [...PLANTED_IMPORTS, ...SECOND_FINDINGS].map(
      ([rule, file]) => `${rule} ${file}`,
    );
    const found = directionViolations();
    for (const [, file] of PLANTED_IMPORTS) rmSync(join(tree, file));
    rmSync(join(tree, "services/dashboard"), { recursive: true });
    expect(found).toEqual(planted.sort());
  });

  it("is broken by a cycle of nothing but types", () => {
    write("streams/kernel/a.ts", `import type { B } from "./b.ts";\nexport type A = B | 1;`);
    write("streams/kernel/b.ts", `import type { A } from "./a.ts";\nexport type B = A | 2;`);
    const found = directionViolations();
    rmSync(join(tree, "streams/kernel/a.ts"));
    rmSync(join(tree, "streams/kernel/b.ts"));
    expect(new Set(found.map((line) => line.split(" ")[0]))).toEqual(new Set(["no-cycles"]));
  });

  it("is broken by a workspace that imports another one which its package.json does not list", () => {
    const manifest = join(tree, "services/projector/package.json");
    const before = readFileSync(manifest, "utf8");
    const { dependencies, ...rest } = JSON.parse(before);
    delete dependencies["@amc/platform"];
    writeFileSync(manifest, JSON.stringify({ ...rest, dependencies }));
    const found = directionViolations();
    writeFileSync(manifest, before);
    expect(found).toEqual(["no-undeclared-workspace services/projector/src/projector.ts"]);
  });

  it("has a planted violation for every rule", () => {
    const planted = PLANTED_IMPORTS.map(([rule]) => rule);
    expect(new Set(cruiserConfiguration.forbidden.map(({ name }) => name))).toEqual(
      new Set([...planted, "no-cycles", "no-undeclared-workspace"]),
    );
  });
});

describe("the linter", () => {
  const ambient = [
    "export const a = Date.now();",
    "export const b = new Date();",
    "export const c = new Date(2021, 0, 13);",
    "export const d = Date();",
    "export const e = Math.random();",
    "export const f = process.pid;",
    "export const g = setTimeout(() => a, 1);",
    "export const h = setInterval(() => a, 1);",
    "console.log(a);",
    "export const i = globalThis.crypto;",
    "export const j = performance.now();",
    "export const k = crypto.randomUUID();",
    "export const l = new Date(5).getHours();",
    `export const m = "a".localeCompare("b");`,
    "export const allowed = new Date(5).toISOString();",
  ];

  it("refuses clocks, randomness, environment, timers and locales in a stage", () => {
    write("streams/kernel/ambient.ts", ambient.join("\n"));
    const lines = lintFindings("streams/kernel/ambient.ts").map((finding) =>
      Number.parseInt(finding, 10),
    );
    expect([...new Set(lines)].sort((a, b) => a - b)).toEqual(
      ambient.slice(0, -1).map((_, index) => index + 1),
    );
  });

  it("lets a test of a stage use them", () => {
    write(
      "streams/kernel/ambient.test.ts",
      "export const a = Date.now();\nexport const b = process.pid;",
    );
    expect(lintFindings("streams/kernel/ambient.test.ts")).toEqual([]);
  });

  it("refuses a promise that nobody awaits", () => {
    const text = "async function later(): Promise<void> {}\nexport function go() {\n  later();\n}";
    write("services/platform/src/floating.ts", text);
    expect(lintFindings("services/platform/src/floating.ts")).toEqual([
      "3 typescript(no-floating-promises)",
    ]);
  });

  it("lets only the configuration and the entry point read the environment", () => {
    const text = "export const HOME = process.env.HOME;";
    const places = ["platform/src/config/a.ts", "amc/src/main.ts", "platform/src/a.ts"];
    const findings = places.map((place) => {
      write(`services/${place}`, text);
      return lintFindings(`services/${place}`);
    });
    expect(findings).toEqual([[], [], ["1 eslint(no-restricted-properties)"]]);
  });

  it("refuses casts, silenced compilers, empty catches, focused tests and open ends", () => {
    const text = [
      "export const a = (value: unknown) => value as string;",
      ["// @ts", "expect-error nothing is wrong here"].join("-"),
      "export const b = 1;",
      "try { b.toFixed(); } catch {",
      "}",
      `// ${"TO"}${"DO"} later`,
    ];
    write("services/platform/src/lax.ts", text.join("\n"));
    write(
      "services/platform/src/lax.test.ts",
      `import { it } from "vitest";\nit.only("x", () => {});`,
    );
    expect(lintFindings("services/platform/src/lax.ts")).toEqual([
      "1 typescript(consistent-type-assertions)",
      "2 typescript(ban-ts-comment)",
      "4 eslint(no-empty)",
      "6 eslint(no-warning-comments)",
    ]);
    expect(lintFindings("services/platform/src/lax.test.ts")).toContain(
      "2 vitest(no-focused-tests)",
    );
  });

  it("refuses a function longer than 70 lines and a file longer than 400", () => {
    const body = Array.from({ length: 70 }, (_, i) => `  total += ${i};`).join("\n");
    write(
      "streams/kernel/long.ts",
      `export function long() {\n  let total = 0;\n${body}\n  return total;\n}`,
    );
    write(
      "streams/kernel/large.ts",
      Array.from({ length: 400 }, (_, i) => `export const c${i} = ${i};`).join("\n"),
    );
    write(
      "streams/kernel/larger.ts",
      Array.from({ length: 401 }, (_, i) => `export const c${i} = ${i};`).join("\n"),
    );
    expect(lintFindings("streams/kernel/long.ts")).toEqual(["1 eslint(max-lines-per-function)"]);
    expect(lintFindings("streams/kernel/large.ts")).toEqual([]);
    expect(lintFindings("streams/kernel/larger.ts")).toHaveLength(1);
  });
});
