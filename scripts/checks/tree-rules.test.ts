import { describe, expect, it } from "vitest";
import { treeProblems } from "./tree-rules.ts";

/** A file of one line; its parts are joined here, so that this file holds none of them. */
const holding = (path: string, ...parts: readonly string[]) => ({
  path,
  bytes: 10,
  text: `first line\n${parts.join("")}\n`,
});

describe("the tree", () => {
  it("may hold relative paths, addresses and system paths", () => {
    const text = "../shared/data https://example.org/home/x/ /usr/bin/env /tmp/x";
    expect(treeProblems([{ path: "README.md", bytes: 10, text }])).toEqual([]);
  });

  it.each([
    ["a home directory", ["/ho", "me/ann/amc"]],
    ["root's home directory", ["in /ro", "ot/.npm"]],
    ["a work directory", ["cd /wo", "rk/main"]],
    ["a registry's host", ["https://registry.", "npmjs.org/pg"]],
    ["a merge conflict", ["<<<<", "<<< HEAD"]],
  ])("may not hold %s", (_, parts) => {
    const [problem] = treeProblems([holding("docs/x.md", ...parts)]);
    expect(problem).toMatch(/^docs\/x\.md:2: /);
  });

  it.each([
    ["a swallowed rejection", ["void go().catch(() ", "=> undefined);"]],
    ["a barrel", ["export ", '* from "./x.ts";']],
    ["a double cast", ["const a = b as unk", "nown as C;"]],
  ])("may not hold %s in code, and may describe it in prose", (_, parts) => {
    expect(treeProblems([holding("streams/x.ts", ...parts)])).toHaveLength(1);
    expect(treeProblems([holding("docs/x.md", ...parts)])).toEqual([]);
  });

  it("may not hold a large file, text or not, except the lock file", () => {
    const bytes = 301 * 1024;
    expect(treeProblems([{ path: "infra/tape.zip", bytes, text: null }])).toEqual([
      "infra/tape.zip: 301 KiB, at most 300",
    ]);
    expect(treeProblems([{ path: "package-lock.json", bytes, text: "{}" }])).toEqual([]);
  });

  it("may not hold a file named after nothing", () => {
    for (const path of ["streams/utils.ts", "schemas/src/index.ts", "services/amc/src/helper.ts"]) {
      expect(treeProblems([{ path, bytes: 1, text: "" }])).toHaveLength(1);
    }
    expect(treeProblems([{ path: "streams/event-index.ts", bytes: 1, text: "" }])).toEqual([]);
  });
});
