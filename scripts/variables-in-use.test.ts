import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RESERVED_VARIABLES } from "../services/platform/src/config/reserved-variables.ts";
import { VARIABLE_DOCS } from "../services/platform/src/config/variables.ts";

const ROOT = join(import.meta.dirname, "..");
/** Where variables are named, checked and asked for; all others read them. */
const NAMING =
  /config\/(replaced|reserved|provider|scheduler|sms)?-?variables\.ts$|config\/roles\.ts$/;
const TEST_SUPPORT = /\.test\.ts$|\/testing\//;

/** Words in capitals of all code that runs. */
const words = new Set(
  globSync("{streams,services/*/src}/**/*.ts", { cwd: ROOT })
    .filter((path) => !NAMING.test(path) && !TEST_SUPPORT.test(path))
    .flatMap((path) => readFileSync(join(ROOT, path), "utf8").match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []),
);

describe("the configuration reference", () => {
  it("calls reserved only what no code reads", () => {
    expect(Object.keys(RESERVED_VARIABLES).filter((name) => words.has(name))).toEqual([]);
  });

  it("lets nothing that no code reads pass for a variable that works", () => {
    const unread = Object.keys(VARIABLE_DOCS).filter((name) => !words.has(name));
    expect(unread.filter((name) => !Object.hasOwn(RESERVED_VARIABLES, name))).toEqual([]);
  });
});
