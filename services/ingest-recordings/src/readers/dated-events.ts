import { readFile, stat } from "node:fs/promises";
import { withoutMarkup } from "@amc/platform/text/without-markup";
import { dateOnlyTimes, newsFact } from "@amc/streams/facts/news";
import { z } from "zod";
import { messageOf, RecordingError } from "../errors.ts";
import type { SourceItem } from "../facts/fact.ts";
import { RowError, refuseInvalid, rejectedBy } from "../facts/row-error.ts";
import type { SourceOf } from "../manifest.ts";
import { calendarAnswer } from "../time/publication.ts";
import { dateMs } from "../time/wall-clock-pattern.ts";
import { zonedClock } from "../time/zoned-clock.ts";
import { refuseHindsight } from "./dated-rows.ts";
import type { SourceContext, SourceFile, SourceItems } from "./reader.ts";

/** JSON is parsed as a whole, so its size is bounded. */
const FILE_BYTES_MAX = 32 * 1024 * 1024;
const URL_CHARACTERS_MAX = 2000;

const event = z.object({
  headline: z.string(),
  description: z.string().optional(),
  /** An address or a list of them; one real file nests the list. */
  source: z.unknown().optional(),
});
const timeline = z.record(z.string(), z.array(z.unknown()));

/**
 * Curated events: date -> [{headline, description, source}]. They have a date and no time and were
 * written afterwards, so an item is public at 04:00 ET of the next trading day, carries no polarity,
 * and is refused when its headline or description names a later date. Its row is its place in the
 * file, from 1.
 */
export async function* readDatedEvents(
  source: SourceOf<"dated-events">,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  if (!context.wants(source.symbol)) return;
  const entries = await readTimeline(file);
  const toUtc = zonedClock(context.timeZone).toUtc;
  let row = 0;
  for (const [date, events] of entries) {
    const items: SourceItem[] = [];
    for (const content of events) {
      row += 1;
      const item = itemOf(content, date, source.symbol, { path: file.label, row }, context, toUtc);
      if (item !== null) items.push(item);
    }
    yield items;
  }
}

async function readTimeline(file: SourceFile): Promise<[string, unknown[]][]> {
  try {
    const { size } = await stat(file.path);
    if (size > FILE_BYTES_MAX)
      throw new RangeError(`it has ${size} bytes, at most ${FILE_BYTES_MAX}`);
    const content: unknown = JSON.parse(await readFile(file.path, "utf8"));
    return Object.entries(timeline.parse(content));
  } catch (error) {
    const expected = 'an object such as {"2021-01-11": [{"headline": "..."}]}';
    const message = `cannot read ${file.label} as ${expected}: ${messageOf(error)}`;
    throw new RecordingError(
      "recording.source-unreadable",
      message,
      { path: file.label },
      { cause: error },
    );
  }
}

function itemOf(
  content: unknown,
  date: string,
  symbol: string,
  place: { readonly path: string; readonly row: number },
  context: SourceContext,
  toUtc: (wallMs: number) => number,
): SourceItem | null {
  try {
    const dayMs = dayMsOf(date);
    const at = toUtc(dayMs);
    if (at < context.range.fromMs || at > context.range.toMs) return null;
    const parsed = event.safeParse(content);
    if (!parsed.success)
      throw new RowError("event.form", "event must be an object with a headline");
    const { headline, description = "", source } = parsed.data;
    refuseHindsight(`${headline}\n${withoutMarkup(description)}`, date, null);
    const url = [source].flat(2).find((address) => typeof address === "string") ?? null;
    const fact = newsFact(
      {
        symbol,
        ...calendarAnswer(() => dateOnlyTimes(date)),
        headline: withoutMarkup(headline),
        itemId: null,
        url: url === null || url.length > URL_CHARACTERS_MAX ? null : url,
        isDateOnly: true,
        polarity: null,
        credibility: null,
        eventAt: null,
      },
      context.provenance,
    );
    refuseInvalid(fact, () => null);
    return { type: "fact", fact, row: place.row };
  } catch (error) {
    return rejectedBy(error, place, "market.news.v1", JSON.stringify({ [date]: content }));
  }
}

function dayMsOf(date: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  const ms = match === null ? null : dateMs(Number(match[1]), Number(match[2]), Number(match[3]));
  if (ms !== null) return ms;
  throw new RowError("stamp.invalid", `event date must be yyyy-mm-dd, was "${date.slice(0, 40)}"`);
}
