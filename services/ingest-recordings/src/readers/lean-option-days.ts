import { newYorkTimeOfDayMs } from "@amc/streams/market/event-time";
import { RecordingError } from "../errors.ts";
import type { SourceOf } from "../manifest.ts";
import { dayNumberInName } from "../time/stamp.ts";
import { readLeanTradeBars } from "./lean-equity.ts";
import { readOptionDay, type UnderlyingPrices } from "./lean-option.ts";
import type { SourceContext, SourceFile, SourcePart } from "./reader.ts";
import { sourceFiles } from "./source-files.ts";

/** One part per day: the archives of a day (trades, quotes, open interest) belong together. */
export async function optionParts(
  source: SourceOf<"lean-option">,
  files: readonly SourceFile[],
  context: SourceContext,
  dataRoot: string,
): Promise<SourcePart[]> {
  const filesByDay = new Map<number, SourceFile[]>();
  for (const file of files) {
    const day = dayNumberOfFile(file);
    filesByDay.set(day, [...(filesByDay.get(day) ?? []), file]);
  }
  const underlyings = await underlyingFiles(source, dataRoot);
  return [...filesByDay].map(([dayNumber, dayFiles]) => {
    const underlying = underlyings.get(dayNumber);
    return {
      source: source.name,
      label: dayFiles[0]?.label ?? source.path,
      paths: [...dayFiles, ...(underlying === undefined ? [] : [underlying])].map(
        ({ path }) => path,
      ),
      order: source.order,
      open: async function* () {
        const prices = underlying === undefined ? [] : await pricesOf(underlying, context);
        const day = { symbol: source.symbol, dayNumber, files: dayFiles };
        yield* readOptionDay(source, day, prices, context);
      },
    };
  });
}

async function underlyingFiles(
  source: SourceOf<"lean-option">,
  dataRoot: string,
): Promise<ReadonlyMap<number, SourceFile>> {
  if (source.underlying === undefined) return new Map();
  const files = await sourceFiles({ name: source.name, path: source.underlying }, dataRoot);
  return new Map(files.map((file) => [dayNumberOfFile(file), file]));
}

async function pricesOf(file: SourceFile, context: SourceContext): Promise<UnderlyingPrices> {
  const prices: { atMs: number; price: number }[] = [];
  const everything = { ...context, wants: () => true };
  for await (const items of readLeanTradeBars({ volumeScope: "CONSOLIDATED" }, file, everything)) {
    for (const item of items) {
      if (item.type !== "fact" || item.fact.topic !== "market.price-tick.v1") continue;
      const { happenedAt, close } = item.fact.value;
      prices.push({ atMs: newYorkTimeOfDayMs(happenedAt), price: close });
    }
  }
  return prices;
}

function dayNumberOfFile(file: SourceFile): number {
  const day = dayNumberInName(file.path.slice(file.path.lastIndexOf("/") + 1));
  if (day !== null) return day;
  const message = `${file.label} has no date yyyymmdd in its name, for example 20151223_quote_american.zip`;
  throw new RecordingError("recording.source-unreadable", message, { path: file.label });
}
