import { type Collected, collectRows, RowRefusal } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { ProviderError } from "@amc/platform/http/provider-error";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { expectDate, symbolOf } from "./row-text.ts";
import { factOf } from "./short-volume.ts";

const HEADER = "Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market";
const COLUMNS = HEADER.split("|").length;
/** Fractional since 2025. */
const VOLUME = /^\d{1,15}(\.\d{1,9})?$/;

/**
 * Lines of a `CNMSshvol<yyyymmdd>.txt`, cut into cells. Throws `provider.unreadable` for another file
 * and for one that ends in the middle of a line or, where it states how many rows it has, before it.
 */
export function readDailyFile({ body }: HttpAnswer): readonly (readonly string[])[] {
  const text = body.toString();
  const [header = "", ...lines] = text.split(/\r?\n/);
  if (header !== HEADER) throw unreadable("it does not begin with the header of the daily file");
  if (lines.pop() !== "") throw unreadable("it ends in the middle of a line");
  const stated = /^\d{1,9}$/.test(lines.at(-1) ?? "") ? Number(lines.pop()) : lines.length;
  if (stated !== lines.length) throw unreadable(`it has ${lines.length} rows and states ${stated}`);
  return lines.map((line) => line.split("|"));
}

/** Short volume of one day from the cells of its file; facilities are summed there already. */
export function dailyFileOf(
  rows: readonly (readonly string[])[],
  tradeDate: string,
  provenance: CapturedProvenance,
): Collected {
  return collectRows(
    rows,
    ([, symbol]) => symbol ?? null,
    (cells) => {
      const [date = "", symbol = "", short = "", exempt = "", total = "", market = ""] = cells;
      if (cells.length !== COLUMNS) {
        throw new RowRefusal("finra.shape", `has ${cells.length} cells of ${COLUMNS}`);
      }
      expectDate(date, tradeDate.replaceAll("-", ""));
      const day = {
        symbol: symbolOf(symbol),
        shortVolume: volumeOf(short),
        shortExemptVolume: volumeOf(exempt),
        totalVolume: volumeOf(total),
        facilities: market,
      };
      return [factOf(day, tradeDate, provenance)];
    },
  );
}

function volumeOf(text: string): number {
  if (VOLUME.test(text)) return Number(text);
  throw new RowRefusal("finra.volume", `${JSON.stringify(text.slice(0, 40))} is no volume`);
}

function unreadable(reason: string): ProviderError {
  return new ProviderError("provider.unreadable", `the answer is no daily file: ${reason}`);
}
