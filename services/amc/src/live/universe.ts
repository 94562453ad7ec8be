import { readFile } from "node:fs/promises";
import { readWatchList, type WatchedCompany } from "@amc/ingest-news/linking/watched-company";
import type { CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

/** What is watched live. */
export interface LiveUniverse {
  /** Companies in canonical form, each symbol once; with `isWholeMarket` those that news is wanted of. */
  readonly companies: readonly WatchedCompany[];
  readonly symbols: readonly string[];
  /** Prices of whatever trades, which takes a key of Polygon. */
  readonly isWholeMarket: boolean;
}

const WHOLE_MARKET = "market";
const SYMBOLS_MAX = 5_000;

/** Whether the command line asks for the present at all. */
export function isLive(words: CommandWords): boolean {
  return words.text("live") !== undefined || words.text("universe") !== undefined;
}

/**
 * The universe of `--live` and `--universe`. Throws a usage error naming what is no symbol, and
 * `noInput` for a file that cannot be read.
 */
export async function readUniverse(words: CommandWords): Promise<LiveUniverse> {
  const live = words.text("live") ?? "";
  const file = words.text("universe");
  const isWholeMarket = live.trim().toLowerCase() === WHOLE_MARKET;
  const parts = [isWholeMarket ? "" : live, file === undefined ? "" : await fileText(file)];
  const text = parts.filter((part) => part.trim() !== "").join(",");
  const companies = readWatchList(text);
  if (companies === null) {
    const message = `--live and --universe take symbols such as GME=GameStop,AMC, or --live ${WHOLE_MARKET}`;
    throw new CommandError(EXIT.usage, message);
  }
  const symbols = [...new Set(companies.map(({ symbol }) => symbol))];
  if (symbols.length === 0 && !isWholeMarket) {
    throw new CommandError(EXIT.usage, "--live and --universe name no symbol");
  }
  if (symbols.length > SYMBOLS_MAX) {
    const message = `${symbols.length} symbols are more than ${SYMBOLS_MAX}: take --live ${WHOLE_MARKET}`;
    throw new CommandError(EXIT.usage, message);
  }
  return { companies, symbols, isWholeMarket };
}

/** A file has a company per line, `GME` or `GME=GameStop`; what follows `#` is for people. */
async function fileText(path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    const lines = text.split(/\r?\n/).map((line) => line.replace(/#.*/, "").trim());
    return lines.filter((line) => line !== "").join(",");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT.noInput, `${path} cannot be read: ${reason}`, { cause: error });
  }
}
