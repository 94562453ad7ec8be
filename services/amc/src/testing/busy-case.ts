import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { partitionOf } from "@amc/platform/log/partitioner";
import { RECORDINGS_DIRECTORY } from "../recordings.ts";

const BUSY = "GME";
const NAME = "busy-case";

interface Source {
  readonly name: string;
  readonly symbol?: string;
}

/**
 * Writes a manifest of the built-in case in which every partition has a symbol with the bars of its busy
 * one. Returns the manifest and the root of its data.
 */
export function writeBusyCase(
  directory: string,
  partitions: number,
): readonly [recording: string, data: string] {
  const builtIn = readFileSync(join(RECORDINGS_DIRECTORY, "built-in.json"), "utf8");
  const manifest: { readonly sources: readonly Source[] } = JSON.parse(builtIn);
  const busy = manifest.sources.filter(({ symbol }) => symbol === BUSY);
  const others = Array.from({ length: partitions }, (_, partition) =>
    symbolIn(partition, partitions),
  ).flatMap((symbol) =>
    busy.map((source) => ({ ...source, name: `${source.name}-${symbol.toLowerCase()}`, symbol })),
  );
  const path = join(directory, `${NAME}.json`);
  const sources = [...manifest.sources, ...others];
  writeFileSync(path, JSON.stringify({ ...manifest, name: NAME, root: "data", sources }));
  return [path, RECORDINGS_DIRECTORY];
}

/** The first of BUSYA, BUSYB, … whose records lie in a partition. */
function symbolIn(partition: number, partitions: number): string {
  const symbols = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (letter) => `BUSY${letter}`);
  const found = symbols.find((symbol) => partitionOf(symbol, partitions) === partition);
  if (found === undefined) throw new RangeError(`none of ${symbols.length} lies in ${partition}`);
  return found;
}
