import { writeFileSync } from "node:fs";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { appendFacts } from "@amc/platform/log/append-facts";
import { openFileLog } from "@amc/platform/log/file";
import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { projectAll } from "@amc/projector/testing/projector-fixture";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import { apiUnderTest } from "@amc/query-api/testing/api-under-test";
import { TOPIC_NAMES, type TopicName } from "@amc/schemas/topics";
import { tradeFact } from "@amc/streams/facts/price-tick";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { dataDirectoryAt } from "../operations/data-directory.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const TOPIC = "portfolio.position.v1";
const AS_OF = "2021-01-12T16:00:00-05:00";
const CSV = `symbol,quantity,average_entry_price
GME,100,18.5
AMC,-40,50
SPY,1,370
NOPE,0.5,
`;

describe("amc ingest positions", () => {
  let directory: TestDirectory;

  beforeEach(() => {
    directory = new TestDirectory();
  });
  afterEach(() => directory.dispose());

  const logOf = (topics: readonly TopicName[] = TOPIC_NAMES): Promise<Log> =>
    openFileLog({
      directory: dataDirectoryAt(directory.path).log,
      layout: systemLayout(1).filter(({ topic }) => topics.some((name) => topic.startsWith(name))),
      clock: () => Date.now(),
    });
  const ingest = (name: string, text: string, ...words: readonly string[]) => {
    writeFileSync(directory.at(name), text);
    const place = ["--file", directory.at(name), "--data-dir", directory.path, "--json"];
    return runCommand(["ingest", "positions", ...place, ...words]);
  };
  const ingestCsv = (text: string, asOf: string, ...words: readonly string[]) =>
    ingest("positions.csv", text, "--account", "main", "--as-of", asOf, ...words);
  const positions = async () => {
    const log = await logOf();
    const events = await eventsOf(log, TOPIC);
    await log.close();
    return events;
  };

  it("appends a file to a log made before there were positions, once however often it is imported", async () => {
    await (await logOf(TOPIC_NAMES.filter((name) => name !== TOPIC))).close();
    const first = await ingestCsv(CSV, AS_OF);
    expect(first.exitCode, first.stderr).toBe(EXIT.ok);
    expect(jsonLines(first)).toEqual([
      {
        ...{ type: "ingest", provider: "import", asOf: "2021-01-12T21:00:00.000Z" },
        ...{ accounts: ["main"], events: 4, stated: 4, closed: 0, unchanged: 0, older: 0 },
      },
    ]);
    const again = await ingestCsv(CSV, AS_OF);
    expect(jsonLines(again)).toMatchObject([{ events: 0, unchanged: 4 }]);
    expect(
      (await positions()).map(({ account, symbol, quantity }) => [account, symbol, quantity]),
    ).toEqual([
      ...[
        ["main", "GME", 100],
        ["main", "AMC", -40],
        ["main", "SPY", 1],
        ["main", "NOPE", 0.5],
      ],
    ]);
  });

  it("appends nothing of a file with a row that is wrong, and names row, column and what would be right", async () => {
    await (await logOf()).close();
    const result = await ingestCsv(`${CSV}BB,"1,000",2\n`, AS_OF);
    expect(result.exitCode).toBe(EXIT.noInput);
    expect(result.stderr).toContain(
      'positions.csv:6:2: quantity must be a decimal without separators or currency, such as -12.5, was "1,000"',
    );
    expect(result.stderr).toContain("Nothing was appended.");
    expect(await positions()).toEqual([]);
  });

  it("says what is missing on the command line, and of a file that is not there", async () => {
    await (await logOf()).close();
    const run = (...words: readonly string[]) =>
      runCommand(["ingest", "positions", "--data-dir", directory.path, ...words]);
    expect((await run()).exitCode).toBe(EXIT.usage);
    expect((await run("--file", "positions.xlsx")).exitCode).toBe(EXIT.usage);
    expect((await run("--file", directory.at("none.csv"))).exitCode).toBe(EXIT.noInput);
  });

  describe("and GET /portfolio/holdings", () => {
    let database: TestDatabase;

    beforeEach(async () => {
      database = await startTestPostgres();
    });
    afterEach(() => database.drop());

    async function holdings(): Promise<unknown> {
      const log = await logOf();
      await projectAll(database, log);
      const app = await apiUnderTest({
        log,
        readModel: createPostgresReadModel(database.pool("api")),
      });
      const answer = await app.inject({ url: "/portfolio/holdings" });
      await app.close();
      await log.close();
      return answer.json();
    }

    async function trade(symbol: string, happenedAt: number, price: number): Promise<void> {
      const log = await logOf();
      const figures = { symbol, happenedAt, publishedAt: happenedAt, price, volume: 100 };
      const fact = tradeFact(
        { ...figures, volumeScope: "CONSOLIDATED", auction: false, sequence: 1 },
        { source: "test", confidence: 1, simulated: false },
      );
      await appendFacts(log, [fact], "/amc/test");
      await log.close();
    }

    const TEN = Date.UTC(2021, 0, 13, 15);
    const row = (
      [symbol, qty, side, market_value]: readonly (string | number | null)[],
      [unrealized_pl, unrealized_pl_pct, avg_entry_price, last_price]: readonly (number | null)[],
    ) => ({
      ...{ symbol, qty, side, market_value, unrealized_pl, unrealized_pl_pct },
      ...{ avg_entry_price, last_price },
    });

    it("values the file's positions at the newest price of the log, as computed by hand", async () => {
      await (await logOf()).close();
      await ingestCsv(CSV, AS_OF);
      await trade("GME", TEN, 20.5);
      await trade("AMC", TEN, 30);
      // value = shares x price; gain = shares x (price - entry); percent = gain / |shares x entry|.
      expect(await holdings()).toEqual([
        row(["AMC", -40, "short", -1200], [800, 40, 50, 30]),
        row(["GME", 100, "long", 2050], [200, 10.81, 18.5, 20.5]),
        row(["NOPE", 0.5, "long", null], [null, null, null, null]),
        row(["SPY", 1, "long", null], [null, null, 370, null]),
      ]);
      // A minute later the price has moved, SPY was sold, AMC was covered and half of GME too.
      await trade("GME", TEN + 60_000, 17);
      const later = "symbol,quantity,average_entry_price\nGME,50,18.5\nNOPE,0.5,2\n";
      const changed = await ingestCsv(later, "2021-01-13T10:01:00-05:00", "--complete");
      expect(jsonLines(changed)).toMatchObject([{ stated: 2, closed: 2, older: 0 }]);
      expect(await holdings()).toEqual([
        row(["GME", 50, "long", 850], [-75, -8.11, 18.5, 17]),
        row(["NOPE", 0.5, "long", null], [null, null, 2, null]),
      ]);
    });
  });
});
