import { FAILURES, type LocalServer, startServer } from "@amc/platform/http/testing/failing-server";

/** What the mock answers: a failure of the transport by name, a status, or data after all. */
export type MockFailure = string | { readonly status: number; readonly retryAfter?: number };

export interface MockFinra extends LocalServer {
  /** How the next requests are answered, one each; those after them get data. */
  failNext(...failures: readonly MockFailure[]): void;
}

interface MockData {
  /** Rows by data set; a request gets those whose field equals the filter's value. */
  readonly datasets: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** Daily files by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Pages of HTML by name. */
  readonly pages?: Readonly<Record<string, string>>;
  /** The planning documents' mock puts its rows under `data`. */
  readonly wrapped?: boolean;
}

/** A local server that pages and filters as FINRA's query API does, and fails when told to. */
export async function startMockFinra(data: MockData): Promise<MockFinra> {
  const pending: MockFailure[] = [];
  const server = await startServer((path, response, body) => {
    const failure = pending.shift();
    if (typeof failure === "string" && failure !== "data") {
      FAILURES[failure]?.(response, 2);
      return;
    }
    if (typeof failure === "object") {
      response.setHeader("content-type", "text/html");
      if (failure.retryAfter !== undefined) response.setHeader("retry-after", failure.retryAfter);
      response.writeHead(failure.status);
      response.end("<html>Too many requests</html>");
      return;
    }
    const name = path.split("/").at(-1) ?? "";
    const file = data.files?.[name];
    if (file !== undefined) {
      response.writeHead(200, { "content-type": "text/plain" });
      response.end(file);
      return;
    }
    const html = data.pages?.[name];
    if (html !== undefined) {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(html);
      return;
    }
    const rows = data.datasets[name];
    if (rows === undefined) {
      response.writeHead(404);
      response.end();
      return;
    }
    const page = pageOf(rows, JSON.parse(body));
    response.writeHead(page.length === 0 ? 204 : 200, { "content-type": "application/json" });
    response.end(page.length === 0 ? "" : JSON.stringify(data.wrapped ? { data: page } : page));
  });
  return {
    ...server,
    failNext: (...failures) => {
      pending.push(...failures);
    },
  };
}

interface Query {
  readonly limit: number;
  readonly offset: number;
  readonly compareFilters: readonly { readonly fieldName: string; readonly fieldValue: string }[];
}

function pageOf(rows: readonly Readonly<Record<string, unknown>>[], query: Query) {
  const { limit, offset, compareFilters } = query;
  const matching = rows.filter((row) =>
    compareFilters.every(({ fieldName, fieldValue }) => row[fieldName] === fieldValue),
  );
  return matching.slice(offset, offset + limit);
}
