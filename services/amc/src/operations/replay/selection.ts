import { describeRecording } from "@amc/ingest-recordings/describe";
import { instantRange } from "@amc/ingest-recordings/time/publication";
import { zonedClock } from "@amc/ingest-recordings/time/zoned-clock";
import type { EventRange } from "@amc/replay/compare-logs";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { isoUtc } from "@amc/streams/market/event-time";
import type { CommandWords } from "../../command.ts";
import { CommandError, EXIT } from "../../exit-codes.ts";
import { formatEasternTime } from "../../output/format.ts";
import { asCommandError, type Recording } from "../../recordings.ts";

/** Further than any calendar of ours: the facts end the range where nobody does. */
const EARLIEST = "1998-01-01";
const LATEST = "2028-12-31";
/** More names than fit a screen help nobody to find the one that was meant. */
const NAMES_SHOWN = 20;

/** `--symbols` in capitals, as facts have them; undefined when all are wanted. */
export function wantedSymbols(words: CommandWords): ReadonlySet<string> | undefined {
  const text = words.text("symbols");
  if (text === undefined) return undefined;
  const symbols = text.split(",").map((symbol) => symbol.trim().toUpperCase());
  if (!symbols.includes("")) return new Set(symbols);
  throw usage(`--symbols takes names such as GME,AMC; was "${text}"`);
}

/**
 * Ends the command when some of the wanted symbols are not among those that were found: a name with
 * a typing error would look like a quiet market. Only then is the recording read again, for the
 * names that it does hold.
 */
export async function refuseUnheld(
  recording: Recording,
  wanted: ReadonlySet<string>,
  found: readonly string[],
): Promise<void> {
  const unheld = [...wanted].filter((symbol) => !found.includes(symbol));
  if (unheld.length === 0) return;
  const { symbols, name } = await asCommandError(() => describeRecording(recording));
  const more = symbols.length - NAMES_SHOWN;
  const shown = symbols.slice(0, NAMES_SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
  throw usage(`--symbols: ${name} has no facts of ${unheld.join(", ")}; it has ${shown}`);
}

/** `--from` and `--to` move the range in which slots fire; the rest of the recording warms up. */
export function withRange(recording: Recording, { fromMs, toMs }: EventRange): Recording {
  const { manifest } = recording;
  const isFromGiven = Number.isFinite(fromMs);
  const isToGiven = Number.isFinite(toMs);
  if (!isFromGiven && !isToGiven) return recording;
  const own = instantRange(manifest.evaluate ?? {}, zonedClock(manifest.timeZone).toUtc);
  if (!isToGiven && fromMs > own.toMs) {
    const end = formatEasternTime(own.toMs);
    throw usage(`--from lies after ${end}, where the slots of ${manifest.name} end: give --to too`);
  }
  if (!isFromGiven && toMs < own.fromMs) {
    const start = formatEasternTime(own.fromMs);
    throw usage(
      `--to lies before ${start}, where the slots of ${manifest.name} begin: give --from too`,
    );
  }
  const evaluate = {
    from: isFromGiven ? isoUtc(fromMs) : (manifest.evaluate?.from ?? EARLIEST),
    to: isToGiven ? isoUtc(toMs) : (manifest.evaluate?.to ?? LATEST),
  };
  return { ...recording, manifest: { ...manifest, evaluate } };
}

/** Ends the command when nothing that is replayed lies in the range. */
export function refuseOutside(
  range: EventRange,
  firstMs: number | null,
  lastMs: number | null,
): void {
  if (firstMs === null || lastMs === null) return;
  // The tick that closes the last minute still belongs to it.
  const endMs = Math.ceil(lastMs / MINUTE_MS) * MINUTE_MS;
  if (range.fromMs <= endMs && range.toMs >= firstMs) return;
  const option = range.toMs < firstMs ? "to" : "from";
  throw usage(
    `--${option}: nothing is known in this range; the facts reach from ${formatEasternTime(firstMs)} to ${formatEasternTime(lastMs)}`,
  );
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}
