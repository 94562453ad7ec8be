import { RecordSplitter } from "@amc/platform/text/record-splitter";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { expiresSoon } from "@amc/streams/market/option-chain";
import type { Rejected } from "../facts/fact.ts";
import { RowError, rejectedBy } from "../facts/row-error.ts";
import { countOf } from "../facts/values.ts";
import { dateMs } from "../time/wall-clock-pattern.ts";
import { type TextMember, textMembers } from "./text-members.ts";

const PRICE_SCALE = 10_000;
/** `20151223_goog_minute_quote_american_call_6000000_20151224.csv` */
const MEMBER =
  /^(\d{8})_([a-z0-9.]+)_minute_(trade|quote|openinterest)_(?:american|european)_(call|put)_(\d+)_(\d{8})\.csv$/i;

/** What one contract did in a day; times are ms since New York's midnight, ascending. */
export interface Contract {
  readonly right: "call" | "put";
  /** USD. */
  readonly strike: number;
  /** The sides a quote bar ends with, at its end; null for a side that is missing. */
  readonly quotes: {
    readonly atMs: number;
    readonly bid: number | null;
    readonly ask: number | null;
  }[];
  /** Contracts traded in a bar, at its end. */
  readonly trades: { readonly atMs: number; readonly contracts: number }[];
  readonly openInterest: { readonly atMs: number; readonly contracts: number }[];
}

/** The nearest expiry of one underlying on one day. */
export interface Chain {
  /** yyyy-mm-dd; null when no contract expires 1 to 60 days ahead. */
  readonly expiry: string | null;
  readonly contracts: readonly Contract[];
  /** Which kinds of file there were: without one its figures are unknown, not zero. */
  readonly hasQuotes: boolean;
  readonly hasTrades: boolean;
  readonly hasOpenInterest: boolean;
  readonly rejected: readonly Rejected[];
}

export interface OptionFile {
  readonly path: string;
  readonly label: string;
}

interface OptionMember {
  readonly kind: "trade" | "quote" | "openinterest";
  readonly right: "call" | "put";
  readonly strike: number;
  readonly expiryDay: number;
}

/** Reads a day's archives of one underlying; only the nearest expiry is kept in memory. */
export async function readChain(files: readonly OptionFile[], day: number): Promise<Chain> {
  const expiryDay = await nearestExpiry(files, day);
  const contracts = new Map<string, Contract>();
  const rejected: Rejected[] = [];
  const kinds = new Set<string>();
  for (const file of files) {
    for await (const member of textMembers(file.path, file.label)) {
      const option = memberOf(member);
      if (option === null) continue;
      kinds.add(option.kind);
      if (option.expiryDay !== expiryDay) continue;
      const contract = contractOf(contracts, option);
      for await (const reject of readMember(member, option.kind, contract)) rejected.push(reject);
    }
  }
  return {
    expiry: expiryDay === null ? null : new Date(expiryDay * DAY_MS).toISOString().slice(0, 10),
    contracts: [...contracts.values()].sort(
      (a, b) => a.strike - b.strike || (a.right < b.right ? -1 : 1),
    ),
    hasQuotes: kinds.has("quote"),
    hasTrades: kinds.has("trade"),
    hasOpenInterest: kinds.has("openinterest"),
    rejected,
  };
}

async function nearestExpiry(files: readonly OptionFile[], day: number): Promise<number | null> {
  let nearest: number | null = null;
  for (const file of files) {
    for await (const member of textMembers(file.path, file.label)) {
      const expiryDay = memberOf(member)?.expiryDay;
      if (expiryDay === undefined || !expiresSoon(expiryDay - day)) continue;
      if (nearest === null || expiryDay < nearest) nearest = expiryDay;
    }
  }
  return nearest;
}

function memberOf(member: TextMember): OptionMember | null {
  const match = MEMBER.exec(member.name);
  if (match === null) return null;
  const [, , , kind = "", right = "", strike = "", expiry = ""] = match;
  const expiryMs = dateMs(
    Number(expiry.slice(0, 4)),
    Number(expiry.slice(4, 6)),
    Number(expiry.slice(6, 8)),
  );
  if (expiryMs === null) return null;
  return {
    kind:
      kind.toLowerCase() === "trade"
        ? "trade"
        : kind.toLowerCase() === "quote"
          ? "quote"
          : "openinterest",
    right: right.toLowerCase() === "call" ? "call" : "put",
    strike: Number(strike) / PRICE_SCALE,
    expiryDay: expiryMs / DAY_MS,
  };
}

function contractOf(contracts: Map<string, Contract>, option: OptionMember): Contract {
  const key = `${option.right}/${option.strike}`;
  const known = contracts.get(key);
  if (known !== undefined) return known;
  const { right, strike } = option;
  const contract: Contract = { right, strike, quotes: [], trades: [], openInterest: [] };
  contracts.set(key, contract);
  return contract;
}

async function* readMember(
  member: TextMember,
  kind: OptionMember["kind"],
  contract: Contract,
): AsyncGenerator<Rejected> {
  const splitter = new RecordSplitter({ delimiter: ",", quote: null, comment: null, skipRows: 0 });
  const take = function* (records: ReturnType<RecordSplitter["push"]>): Generator<Rejected> {
    for (const record of records) {
      const place = { path: member.label, row: record.row };
      try {
        if (record.type === "broken")
          throw new RowError(record.code, "row is not readable", record.column);
        addRow(record.cells, kind, contract);
      } catch (error) {
        yield rejectedBy(error, place, "market.options.v1", record.raw);
      }
    }
  };
  for await (const chunk of member.chunks) yield* take(splitter.push(chunk));
  yield* take(splitter.end());
}

/** trade: ms,O,H,L,C,contracts; quote: ms, bid O,H,L,C,size, ask O,H,L,C,size; openinterest: ms,contracts. */
function addRow(cells: readonly string[], kind: OptionMember["kind"], contract: Contract): void {
  const cell = (index: number, name: string): number =>
    countOf((cells[index] ?? "").trim(), name, index + 1);
  const startMs = cell(0, "time");
  if (kind === "openinterest") {
    contract.openInterest.push({ atMs: startMs, contracts: cell(1, "open interest") });
    return;
  }
  const atMs = startMs + MINUTE_MS;
  if (kind === "trade") {
    contract.trades.push({ atMs, contracts: cell(5, "contracts") });
    return;
  }
  const side = (index: number, name: string): number | null => {
    const text = (cells[index] ?? "").trim();
    const price = text === "" ? 0 : countOf(text, name, index + 1);
    return price === 0 ? null : price / PRICE_SCALE;
  };
  contract.quotes.push({ atMs, bid: side(4, "bid"), ask: side(9, "ask") });
}
