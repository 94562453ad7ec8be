import { collectRows } from "@amc/platform/http/collected";
import type { HttpAnswer } from "@amc/platform/http/exchange";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";

/** One page of a data set as rows of any shape. */
export type FinraRows = readonly unknown[];

/** Throws RowRefusal for a row that cannot be what was asked for. */
export type RowCheck = (row: unknown, date: string) => void;

/**
 * Rows of a page: a bare list as FINRA answers, or `{ data: [...] }` as the planning documents' mock
 * does. FINRA says 204 where nothing matches. Throws `provider.unreadable` for anything else and for a
 * page most of whose rows fail their check.
 */
export function readPage(answer: HttpAnswer, check: (row: unknown) => void): FinraRows {
  if (answer.status === 204) return [];
  const rows = rowsOf(readJson(answer));
  collectRows(
    rows,
    () => null,
    (row) => {
      check(row);
      return [];
    },
  );
  return rows;
}

function rowsOf(json: unknown): FinraRows {
  if (Array.isArray(json)) return json;
  if (typeof json === "object" && json !== null && "data" in json && Array.isArray(json.data)) {
    return json.data;
  }
  throw new ProviderError("provider.unreadable", "the answer is no list of rows");
}
