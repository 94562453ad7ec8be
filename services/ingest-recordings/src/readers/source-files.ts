import { glob, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { messageOf, RecordingError } from "../errors.ts";
import type { SourceSpec } from "../manifest.ts";
import { type SourceFile, symbolInName } from "./reader.ts";

const SYMBOL = "{symbol}";

/**
 * The files a source names, ordered by path. Throws `recording.source-missing` when there is none:
 * a recording that lacks a part would be another recording. Throws `recording.path-outside-root`
 * when a link leads out of the data root.
 */
export async function sourceFiles(
  source: Pick<SourceSpec, "name" | "path">,
  dataRoot: string,
): Promise<SourceFile[]> {
  const isPattern = /[*?]/.test(source.path) || source.path.includes(SYMBOL);
  const labels = isPattern ? await matches(source.path, dataRoot) : [source.path];
  const files: SourceFile[] = [];
  for (const label of labels.sort()) {
    const path = join(dataRoot, label);
    if (!(await isFile(path))) continue;
    await refuseOutside(dataRoot, path, { source: source.name, path: label });
    files.push({ label, path, symbol: symbolOf(source.path, label) });
  }
  if (files.length > 0) return files;
  const message = `source ${source.name}: no file matches ${source.path} below ${dataRoot}; mend path, or point --data (or AMC_DATA) at the folder that holds the recording`;
  throw new RecordingError("recording.source-missing", message, {
    path: source.path,
    source: source.name,
  });
}

async function matches(pattern: string, dataRoot: string): Promise<string[]> {
  const found: string[] = [];
  for await (const label of glob(pattern.replaceAll(SYMBOL, "*"), { cwd: dataRoot })) {
    found.push(label.replaceAll("\\", "/"));
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    const message = `cannot look at ${path}: ${messageOf(error)}`;
    throw new RecordingError("recording.source-unreadable", message, { path }, { cause: error });
  }
}

/**
 * A manifest may come from somebody else, and a link below the root would let it read any file of
 * this user. Where the link leads is not told, for the same reason.
 */
async function refuseOutside(
  dataRoot: string,
  path: string,
  facts: { readonly source: string; readonly path: string },
): Promise<void> {
  const way = relative(await realpath(dataRoot), await realpath(path));
  if (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return;
  throw new RecordingError(
    "recording.path-outside-root",
    `source ${facts.source}: ${facts.path} is a link that leads out of ${dataRoot}; copy the file to that place, or point --data (or AMC_DATA) at a folder that holds both`,
    facts,
  );
}

/** What stands in a path where the pattern has {symbol}. */
function symbolOf(pattern: string, label: string): string | null {
  if (!pattern.includes(SYMBOL)) return null;
  const expression = pattern
    .split(/(\{symbol\}|\*\*\/?|\*|\?)/)
    .map((part) => {
      if (part === SYMBOL) return "([^/]+)";
      if (part.startsWith("**")) return ".*";
      if (part === "*") return "[^/]*";
      return part === "?" ? "[^/]" : part.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
    })
    .join("");
  const text = new RegExp(`^${expression}$`).exec(label)?.[1];
  const symbol = text === undefined ? null : symbolInName(text);
  if (symbol !== null) return symbol;
  const message = `${label}: "${text ?? ""}" in place of {symbol} is no symbol`;
  throw new RecordingError("recording.source-unreadable", message, { path: label });
}
