import { chartAnswer, splitOf, statisticsAnswer } from "@amc/ingest-prices/testing/yahoo-answers";
import { optionsAnswer } from "@amc/ingest-prices/testing/yahoo-option-answers";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { periodDecided } from "@amc/streams/testing/schedule-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

/** What Yahoo makes a pass of. */
function passAnswer({ pathname }: URL): { readonly type: string; readonly body: string } | null {
  if (pathname === "/cookie") return { type: "text/html", body: "<html></html>" };
  return pathname.endsWith("/getcrumb") ? { type: "text/plain", body: "cRuMb.1" } : null;
}

describe("amc ingest yahoo", () => {
  let directory: TestDirectory;
  let server: LocalServer;
  /** JSON by the last part of the path; what is not there Yahoo does not know. */
  let answers: Readonly<Record<string, unknown>>;
  const asked: URL[] = [];

  beforeEach(async () => {
    directory = new TestDirectory();
    await (await logAt(directory.path)).close();
    asked.length = 0;
    server = await startServer((path, response) => {
      const url = new URL(path, "http://yahoo");
      asked.push(url);
      const known = passAnswer(url);
      if (known !== null) {
        response.writeHead(200, { "content-type": known.type, "set-cookie": "A3=test" });
        response.end(known.body);
        return;
      }
      const json = answers[url.pathname.split("/").at(-1) ?? ""];
      response.writeHead(json === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(json ?? {}));
    });
  });
  afterEach(async () => {
    await server.close();
    directory.dispose();
  });

  const ingest = (...words: readonly string[]) => ingestWith({}, ...words);
  const ingestWith = (environment: Record<string, string>, ...words: readonly string[]) =>
    runCommand(["ingest", "yahoo", ...words, "--data-dir", directory.path, "--json"], {
      ...environment,
      YAHOO_FINANCE_BASE_URL: server.origin,
      YAHOO_FINANCE_COOKIE_URL: `${server.origin}/cookie`,
      // Nothing waits in a test.
      YAHOO_FINANCE_RETRY_ATTEMPTS: "0",
    });

  it("appends bars and splits of the symbols that Yahoo knows, once however often they are asked for", async () => {
    answers = {
      XYZ: chartAnswer({ events: splitOf(4, 1) }),
      "BRK-B": chartAnswer({ meta: { symbol: "BRK-B" } }),
    };
    const result = await ingest("--symbols", "XYZ,NOPE,BRK.B", "--from", "2025-09-04");
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(jsonLines(result)).toEqual([
      {
        ...{ type: "ingest", provider: "yahoo", dataset: "day bars", about: "XYZ, NOPE, BRK.B" },
        ...{ facts: 5, known: 0, restated: 0, unknown: ["NOPE"], refused: {} },
      },
    ]);
    expect(asked[0]?.searchParams.get("interval")).toBe("1d");
    // Midnight in New York.
    expect(asked[0]?.searchParams.get("period1")).toBe(String(Date.UTC(2025, 8, 4, 4) / 1000));
    const again = await ingest("--symbols", "XYZ,BRK.B", "--from", "2025-09-04");
    expect(jsonLines(again)).toMatchObject([{ facts: 0, known: 5, restated: 0 }]);
    const log = await logAt(directory.path);
    const bars = await eventsOf(log, "market.price-tick.v1");
    expect(bars.map(({ symbol, close }) => [symbol, close])).toEqual([
      ...[
        ["XYZ", 44],
        ["XYZ", 12],
      ],
      ...[
        ["BRK.B", 11],
        ["BRK.B", 12],
      ],
    ]);
    expect(await eventsOf(log, "market.corporate-action.v1")).toMatchObject([{ ratio: 4 }]);
    expect(await eventsOf(log, "ops.provider-call.v1")).toHaveLength(5);
    await log.close();
  });

  it("appends short interest, float and shares outstanding", async () => {
    answers = { XYZ: statisticsAnswer() };
    const result = await ingest("--symbols", "XYZ", "--statistics");
    expect(jsonLines(result)).toMatchObject([{ dataset: "statistics", facts: 3 }]);
    const log = await logAt(directory.path);
    expect(await eventsOf(log, "short.interest.v1")).toMatchObject([
      { sharesShort: 2_500_000, source: "yahoo", confidence: 0.65 },
    ]);
    await log.close();
  });

  it("appends the same figures no more once a person has decided when they were published (R-SI-17)", async () => {
    answers = { XYZ: statisticsAnswer() };
    expect(jsonLines(await ingest("--symbols", "XYZ", "--statistics"))).toMatchObject([
      { facts: 3, known: 0 },
    ]);
    const decided = await logAt(directory.path);
    const decision = periodDecided("2025-08-29", "published=2025-09-04", Date.UTC(2025, 8, 2));
    const { topic, id, key, value } = decision;
    const headers = eventHeaders({ id, source: "/test", topic, happenedAt: 0 });
    const record = { topic, partition: 0, key, value: encodeEvent(topic, value), headers };
    await decided.commit({ appends: [record] });
    await decided.close();
    const again = await ingest("--symbols", "XYZ", "--statistics");
    expect(jsonLines(again)).toMatchObject([{ facts: 0, known: 3, restated: 0 }]);
    answers = { XYZ: statisticsAnswer({ sharesShort: 2_600_000 }) };
    const changed = await ingest("--symbols", "XYZ", "--statistics");
    expect(jsonLines(changed)).toMatchObject([{ facts: 1, known: 2 }]);
    const log = await logAt(directory.path);
    const reports = await eventsOf(log, "short.interest.v1");
    await log.close();
    expect(reports.map(({ publishedAt }) => publishedAt)).toEqual([
      newYorkToUtc("2025-09-10", "18:00"),
      newYorkToUtc("2025-09-04", "18:00"),
    ]);
  });

  it("appends options, and says by code why there are none", async () => {
    // A close of long ago beside quotes of today.
    answers = { XYZ: optionsAnswer() };
    const result = await ingest("--symbols", "XYZ,NOPE", "--options");
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(jsonLines(result)).toMatchObject([
      { dataset: "options", facts: 0, unknown: ["NOPE"], refused: { "yahoo.old-price": 1 } },
    ]);
    expect(asked.map(({ pathname }) => pathname.split("/").at(-1))).toEqual([
      ...["cookie", "getcrumb", "XYZ", "NOPE"],
    ]);
  });

  it("keeps the symbols before one that fails, and says so", async () => {
    answers = { XYZ: chartAnswer(), ABC: { finance: "busy" } };
    const result = await ingest("--symbols", "XYZ,ABC", "--from", "2025-09-04");
    expect(result.exitCode).toBe(EXIT.unavailable);
    expect(result.stderr).toContain("the answer is no chart");
    expect(result.stderr).toContain("appended before it: 2");
    const log = await logAt(directory.path);
    expect(await eventsOf(log, "market.price-tick.v1")).toHaveLength(2);
    await log.close();
  });

  it("asks nobody while YAHOO_FINANCE_ENABLED is false", async () => {
    const words = ["--symbols", "XYZ", "--from", "2025-09-04"];
    const result = await ingestWith({ YAHOO_FINANCE_ENABLED: "false" }, ...words);
    expect(result.exitCode).toBe(EXIT.config);
    expect(result.stderr).toContain("YAHOO_FINANCE_ENABLED is false");
    expect(asked).toEqual([]);
  });

  it("asks nobody without saying what is wanted of whom", async () => {
    for (const words of [
      ["--from", "2025-09-04"],
      ["--symbols", "XYZ"],
      ["--symbols", "XYZ", "--from", "yesterday"],
      ["--symbols", "XYZ", "--from", "2025-09-04", "--statistics"],
      ["--symbols", "XYZ", "--options", "--statistics"],
      ["--symbols", "XYZ", "--from", "2025-09-04", "--interval", "1h"],
    ]) {
      expect((await ingest(...words)).exitCode, words.join(" ")).toBe(EXIT.usage);
    }
    expect(asked).toEqual([]);
  });
});
