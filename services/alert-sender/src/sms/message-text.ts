import type { Requested } from "@amc/schemas/generated/events";

/** Twilio refuses more with error 21617. */
export const TEXT_MAX = 1600;
const CODE_DIGITS = 8;

/** What a message ends with: by it the message is known again in the list of those that were taken. */
export function shortCode(alertId: string): string {
  return `[${alertId.slice(0, CODE_DIGITS)}]`;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Title and message, cut between characters as people see them, and the code behind them. */
export function messageText(
  alertId: string,
  { title, message }: Pick<Requested, "title" | "message">,
): string {
  const code = shortCode(alertId);
  const text = printable(`${title}: ${message}`);
  const room = TEXT_MAX - code.length - 1;
  return `${text.length <= room ? text : `${cut(text, room - 1)}…`} ${code}`;
}

/** Control characters do not belong into a message, and some turn what follows around. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}\s]+/gu, " ").trim();
}

function cut(text: string, room: number): string {
  let end = 0;
  for (const { index, segment } of graphemes.segment(text)) {
    if (index + segment.length > room) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}
