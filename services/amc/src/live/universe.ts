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

/** Why a universe cannot be watched with the providers that are configured. */
export const NO_PRICES =
  "nobody states prices: YAHOO_FINANCE_ENABLED is false and POLYGON_API_KEY is not set";
export const WHOLE_MARKET_NEEDS =
  "the whole market needs POLYGON_API_KEY; without it, name symbols, such as GME,AMC";

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
  const listed = file === undefined ? "" : await fileText(file);
  return universeOf(`${live},${listed}`, "--live and --universe", EXIT.usage);
}

/** The universe of `LIVE_UNIVERSE`. Throws a configuration error naming what is no symbol. */
export function configuredUniverse(text: string): LiveUniverse {
  return universeOf(text, "LIVE_UNIVERSE", EXIT.config);
}

/** Companies with commas between them, and `market` among them for all of it. */
function universeOf(text: string, where: string, code: number): LiveUniverse {
  const words = text.split(",").filter((word) => word.trim() !== "");
  const named = words.filter((word) => word.trim().toLowerCase() !== WHOLE_MARKET);
  const isWholeMarket = named.length < words.length;
  const companies = readWatchList(named.join(","));
  if (companies === null) {
    const message = `${where}: take symbols such as GME=GameStop,AMC, or ${WHOLE_MARKET}`;
    throw new CommandError(code, message);
  }
  const symbols = [...new Set(companies.map(({ symbol }) => symbol))];
  if (symbols.length === 0 && !isWholeMarket) {
    throw new CommandError(code, `${where}: no symbol is named`);
  }
  if (symbols.length > SYMBOLS_MAX) {
    const message = `${where}: ${symbols.length} symbols are more than ${SYMBOLS_MAX}: take ${WHOLE_MARKET}`;
    throw new CommandError(code, message);
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
