import { inlineItems } from "../facts/inline.ts";
import type { RecordingManifest, SourceOf, SourceSpec } from "../manifest.ts";
import { readDatedEvents } from "./dated-events.ts";
import { readDelimitedSource } from "./delimited-kinds.ts";
import { readFinraPipe } from "./finra-pipe.ts";
import {
  readLeanDaily,
  readLeanQuoteBars,
  readLeanQuoteTicks,
  readLeanTradeBars,
  readLeanTradeTicks,
} from "./lean-equity.ts";
import { readLeanFactor } from "./lean-factor.ts";
import { optionParts } from "./lean-option-days.ts";
import {
  type SourceContext,
  type SourceFile,
  type SourceItems,
  type SourcePart,
  sourceContext,
} from "./reader.ts";
import { sourceFiles } from "./source-files.ts";

/**
 * All parts of a recording, in manifest order and by path: this order breaks the last ties between
 * facts. Throws `recording.source-missing`.
 */
export async function sourceParts(
  manifest: RecordingManifest,
  dataRoot: string,
  symbols: ReadonlySet<string> | null,
): Promise<SourcePart[]> {
  const parts: SourcePart[] = [];
  if (manifest.inline.length > 0) parts.push(inlinePart(manifest, symbols));
  for (const source of manifest.sources) {
    const context = sourceContext(manifest, source, symbols);
    const files = await sourceFiles(source, dataRoot);
    if (source.format === "lean-option") {
      parts.push(...(await optionParts(source, files, context, dataRoot)));
      continue;
    }
    for (const file of files) {
      parts.push({
        source: source.name,
        label: file.label,
        paths: [file.path],
        order: source.order,
        open: () => read(source, file, context),
      });
    }
  }
  return parts;
}

function read(
  source: Exclude<SourceSpec, SourceOf<"lean-option">>,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  switch (source.format) {
    case "delimited":
      return readDelimitedSource(source, file, context);
    case "lean-trade":
      return readLeanTradeBars(source, file, context);
    case "lean-quote":
      return readLeanQuoteBars(source, file, context);
    case "lean-daily":
      return readLeanDaily(source, file, context);
    case "lean-trade-tick":
      return readLeanTradeTicks(source, file, context);
    case "lean-quote-tick":
      return readLeanQuoteTicks(source, file, context);
    case "lean-factor":
      return readLeanFactor(source, file, context);
    case "finra-pipe":
      return readFinraPipe(source, file, context);
    case "dated-events":
      return readDatedEvents(source, file, context);
  }
}

function inlinePart(manifest: RecordingManifest, symbols: ReadonlySet<string> | null): SourcePart {
  return {
    source: "inline",
    label: `${manifest.name}#inline`,
    paths: [],
    order: "unsorted",
    open: async function* () {
      yield inlineItems(manifest).filter(
        (item) => item.type !== "fact" || symbols === null || symbols.has(item.fact.value.symbol),
      );
    },
  };
}
