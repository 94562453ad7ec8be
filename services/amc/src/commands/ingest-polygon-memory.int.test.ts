import { aggregate, barsAnswer } from "@amc/ingest-prices/testing/polygon-answers";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { tradingDaysIn } from "@amc/streams/market/calendar";
import { sessionBounds } from "@amc/streams/market/sessions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const [FROM, TO] = ["2023-01-03", "2023-06-30"];
const MINUTES = tradingDaysIn(FROM, TO).flatMap((date) => {
  const { premarketOpenMs, afterhoursCloseMs } = sessionBounds(date);
  const length = (afterhoursCloseMs - premarketOpenMs) / 60_000;
  return Array.from({ length }, (_, minute) => aggregate(premarketOpenMs + minute * 60_000));
});
const PAGE_ROWS = 5_000;
/** Old space of the command, MB: enough for pages of 5,000 bars, too little for all bars at once. */
const HEAP_MB = 96;

describe("half a year of minutes, asked from Polygon with little memory", () => {
  let directory: TestDirectory;
  let server: LocalServer;
  let pageRows: number;

  beforeEach(async () => {
    directory = new TestDirectory();
    await (await logAt(directory.path)).close();
    server = await startServer((path, response) => {
      const from = Number(new URL(path, server.origin).searchParams.get("cursor") ?? 0);
      const next = from + pageRows;
      const more = next < MINUTES.length ? { next_url: `${server.origin}/v2?cursor=${next}` } : {};
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(barsAnswer(MINUTES.slice(from, next), more)));
    });
  });
  afterEach(async () => {
    await server.close();
    directory.dispose();
  });

  const ingest = () =>
    runCommand(
      ["ingest", "polygon", "--symbols", "XYZ", "--from", FROM, "--to", TO].concat(
        "--interval",
        "minute",
        "--data-dir",
        directory.path,
        "--json",
      ),
      {
        POLYGON_BASE_URL: server.origin,
        POLYGON_API_KEY: "key",
        NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
      },
    );

  it("are appended a page at a time, for ever more of them in the same memory (R-ING-20)", async () => {
    pageRows = PAGE_ROWS;
    const result = await ingest();
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(jsonLines(result)).toMatchObject([{ facts: MINUTES.length, known: 0, refused: {} }]);
    expect(server.requests()).toBe(Math.ceil(MINUTES.length / PAGE_ROWS));
    expect(MINUTES.length).toBeGreaterThan(20 * PAGE_ROWS);
  });

  it("control: held all at once do not fit", async () => {
    pageRows = MINUTES.length;
    const result = await ingest();
    expect(result.exitCode).not.toBe(EXIT.ok);
    expect(result.stderr).toContain("heap out of memory");
  });
});
