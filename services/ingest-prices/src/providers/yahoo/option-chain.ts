import { collectRows, type Refused, RowRefusal } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";
import { shapedRow, statedText } from "@amc/platform/http/row-shape";
import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import type { ListedContract } from "@amc/streams/market/option-chain";
import { z } from "zod";

/** What Yahoo's page of options says of an underlying and of one of its expiries. */
export interface YahooChain {
  readonly symbol: string;
  /** Last price of the regular session, USD; null when not stated. */
  readonly spot: number | null;
  /** When that was traded, UTC ms. */
  readonly spotAtMs: number;
  /** All there are, `yyyy-mm-dd`, ascending. */
  readonly expiries: readonly string[];
  /** The one that the contracts are of; null for an underlying without options. */
  readonly expiry: string | null;
  /** By strike. */
  readonly contracts: readonly ListedContract[];
  readonly refused: readonly Refused[];
}

const SECONDS = z.int().positive().max(4_102_444_800);
const ANSWER = z.object({
  optionChain: z.object({
    error: z.object({ code: z.string() }).nullish(),
    result: z
      .array(
        z.object({
          underlyingSymbol: z.string(),
          expirationDates: z.array(SECONDS),
          quote: z.object({
            currency: z.string(),
            exchangeTimezoneName: z.string(),
            regularMarketPrice: z.number().positive().nullish(),
            regularMarketTime: SECONDS,
          }),
          options: z.array(
            z.object({
              expirationDate: SECONDS,
              calls: z.array(z.unknown()),
              puts: z.array(z.unknown()),
            }),
          ),
        }),
      )
      .nullish(),
  }),
});
type Result = NonNullable<z.output<typeof ANSWER>["optionChain"]["result"]>[number];

const figure = z
  .number()
  .nonnegative()
  .nullish()
  .transform((value) => value ?? null);
/** Its `impliedVolatility` is not read: it is 0.00001 wherever Yahoo states no quote (domain-facts §4.5). */
const ROW = z.object({
  contractSymbol: z.string(),
  strike: z.number().positive(),
  expiration: SECONDS,
  bid: figure,
  ask: figure,
  volume: figure,
  openInterest: figure,
  lastTradeDate: SECONDS.nullish(),
});
type Row = z.output<typeof ROW>;

/**
 * The chain of the symbol that was asked for. Throws `provider.not-found` when Yahoo does not know it,
 * `provider.unreadable` for another shape and for a chain most of which is absurd.
 */
export function readOptionChain(answer: HttpAnswer, asked: string): YahooChain {
  const parsed = ANSWER.safeParse(readJson(answer));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { error, result } = parsed.data.optionChain;
  // Of what it does not know Yahoo lists no result and no error.
  if (error?.code === "Not Found" || (error == null && result?.length === 0)) {
    throw new ProviderError("provider.not-found", `Yahoo does not know ${asked}`);
  }
  const [first] = result ?? [];
  if (first === undefined) throw unreadable(`no result (${error?.code.slice(0, 100)})`);
  return chainOf(first, asked);
}

function chainOf(result: Result, asked: string): YahooChain {
  const { underlyingSymbol, quote, expirationDates } = result;
  const symbol = canonicalSymbol(underlyingSymbol);
  if (symbol !== asked) {
    throw unreadable(`it is about ${underlyingSymbol.slice(0, 20)}, not ${asked}`);
  }
  if (quote.currency !== "USD" || quote.exchangeTimezoneName !== "America/New_York") {
    throw unreadable(`prices are in ${quote.currency.slice(0, 20)} or of another time zone`);
  }
  const spotAtMs = quote.regularMarketTime * 1000;
  const [expiring] = result.options;
  const contracts =
    expiring === undefined ? { listed: [], refused: [] } : contractsOf(expiring, asked, spotAtMs);
  return {
    ...{ symbol, spotAtMs, spot: quote.regularMarketPrice ?? null },
    expiries: expirationDates.map(dateOf).sort(),
    expiry: expiring === undefined ? null : dateOf(expiring.expirationDate),
    contracts: withoutUncounted(contracts.listed),
    refused: contracts.refused,
  };
}

function contractsOf(
  { expirationDate, calls, puts }: Result["options"][number],
  symbol: string,
  spotAtMs: number,
) {
  const byTerms = new Map<string, ListedContract>();
  const rows = [
    ...calls.map((row) => ({ row, right: "call" as const })),
    ...puts.map((row) => ({ row, right: "put" as const })),
  ];
  const { refused } = collectRows(
    rows,
    ({ row }) => statedText(row, "contractSymbol"),
    ({ row: raw, right }) => {
      const row = shapedRow(ROW, raw, "yahoo.option-shape");
      if (row.expiration !== expirationDate) {
        throw new RowRefusal("yahoo.other-expiry", `it expires on ${dateOf(row.expiration)}`);
      }
      // After a split or merger some deliver something else than 100 shares, under a root of their own.
      if (!isStandard(row.contractSymbol, symbol, right)) return [];
      const terms = `${right}/${row.strike}`;
      if (byTerms.has(terms)) throw new RowRefusal("yahoo.repeated", "the contract comes again");
      byTerms.set(terms, contractOf(row, right, spotAtMs));
      return [];
    },
  );
  const listed = [...byTerms.values()].sort(
    (a, b) => a.strike - b.strike || (a.right < b.right ? -1 : 1),
  );
  return { listed, refused };
}

/** As the OCC writes contracts: `GME250117C00020000`, and `GME1250117C00020000` for an adjusted one. */
function isStandard(contract: string, symbol: string, right: ListedContract["right"]): boolean {
  const side = right === "call" ? "C" : "P";
  const [, root, letter] = /^(.+)\d{6}([CP])\d{8}$/.exec(contract) ?? [];
  return root === symbol.replace(".", "") && letter === side;
}

function contractOf(row: Row, right: ListedContract["right"], spotAtMs: number): ListedContract {
  const { strike, bid, ask, openInterest } = row;
  return {
    ...{ expiry: dateOf(row.expiration), strike, right, openInterest },
    // Nobody bids or offers for nothing: it is how an empty side is written.
    ...{ bid: bid === 0 ? null : bid, ask: ask === 0 ? null : ask },
    volume: volumeOf(row, newYorkDateOf(spotAtMs)),
    // Yahoo states none; the facts compute what the quotes imply.
    gamma: null,
  };
}

/** Yahoo's volume is that of the day of the last trade, however long ago that was. */
function volumeOf({ volume, lastTradeDate }: Row, date: string): number | null {
  if (lastTradeDate == null) return volume === 0 ? 0 : null;
  const traded = newYorkDateOf(lastTradeDate * 1000);
  if (traded > date) return null;
  return traded === date ? volume : 0;
}

/** Overnight Yahoo states an open interest of 0 for all that there is: nobody has counted yet. */
function withoutUncounted(contracts: readonly ListedContract[]): readonly ListedContract[] {
  if (contracts.some(({ openInterest }) => openInterest !== 0)) return contracts;
  return contracts.map((contract) => ({ ...contract, openInterest: null }));
}

/** Expiries are midnights in UTC. */
function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function unreadable(reason: string): ProviderError {
  return new ProviderError("provider.unreadable", `the answer is no chain of options: ${reason}`);
}
