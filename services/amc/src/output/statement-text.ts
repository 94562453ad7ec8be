import type { Statement } from "@amc/ingest-portfolio/statement/statement";
import type { StatementChanges } from "@amc/ingest-portfolio/statement-changes";
import { formatCount } from "./format.ts";

/** What a statement changed, in one line: whose, as of when, and what became of its rows. */
export function changesText(
  { asOfMs, accounts }: Pick<Statement, "asOfMs" | "accounts">,
  { stated, closed, unchanged, older }: Omit<StatementChanges, "events">,
): string {
  const counted: readonly (readonly [number, string])[] = [
    [stated, "stated"],
    [closed, "closed"],
    [unchanged, "as the log has them already"],
    [older, "older than what the log has, left out"],
  ];
  const parts = counted.flatMap(([count, what]) =>
    count === 0 ? [] : [`${formatCount(count)} ${what}`],
  );
  const whose = [...accounts.keys()].join(", ") || "no account";
  const head = `positions of ${whose} as of ${new Date(asOfMs).toISOString()}: `;
  return head + (parts.join(", ") || "none");
}
