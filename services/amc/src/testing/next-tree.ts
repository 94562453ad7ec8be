import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NextBuild, type SchemaChange } from "@amc/platform/registry/testing/next-build";
import { linkPackages } from "./linked-packages.ts";

const CHECKOUT = join(fileURLToPath(import.meta.url), "../../../../..");
/** What a running service needs of the tree. */
const PARTS = ["infra", "package.json", "schemas", "services", "streams", "tsconfig.json"];

/** One place of a source file, which stands there once, and what a later build has instead. */
export interface SourceChange {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export interface Evolution {
  /** By path below `schemas/avro/`. */
  readonly schemas: Readonly<Record<string, SchemaChange>>;
  readonly sources: readonly SourceChange[];
}

/**
 * The whole product as a later build would have it: a copy of this checkout, changed, its schemas
 * released by the real commands, run by the packages that are installed here.
 */
export class NextTree {
  readonly schemas: NextBuild;
  readonly #root = mkdtempSync(join(tmpdir(), "amc-next-tree-"));

  constructor({ schemas, sources }: Evolution) {
    for (const path of committedFiles()) {
      if (!path.endsWith(".test.ts")) cpSync(join(CHECKOUT, path), join(this.#root, path));
    }
    linkPackages(CHECKOUT, this.#root);
    this.schemas = new NextBuild(join(this.#root, "schemas"), schemas);
    for (const change of sources) this.change(change);
  }

  /** Its command line. */
  get main(): string {
    return join(this.#root, "services", "amc", "src", "main.ts");
  }

  /** Returns what takes the change back. */
  change({ path, from, to }: SourceChange): () => void {
    const file = join(this.#root, path);
    const text = readFileSync(file, "utf8");
    const [before, after, ...more] = text.split(from);
    if (after === undefined || more.length > 0) {
      throw new RangeError(`${path} does not hold this once: ${from}`);
    }
    writeFileSync(file, `${before}${to}${after}`);
    return () => writeFileSync(file, text);
  }

  dispose(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** What is, or would be, committed of the parts that run. */
function committedFiles(): readonly string[] {
  const words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const text = execFileSync("git", [...words, "--", ...PARTS], { cwd: CHECKOUT, encoding: "utf8" });
  return text.split("\0").filter((path) => path !== "" && existsSync(join(CHECKOUT, path)));
}
