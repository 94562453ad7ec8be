import { writeFileSync } from "node:fs";
import { projectAll } from "@amc/projector/testing/projector-fixture";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import { apiUnderTest } from "@amc/query-api/testing/api-under-test";
import { recordsOf } from "@amc/replay/log-digests";
import { decodeEvent } from "@amc/schemas/codec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const TOPIC = "portfolio.position.v1";
const missing = stackParts.map(({ skipped }) => skipped).join("");

describe.skipIf(missing !== "")(`amc ingest positions --kafka${missing}`, () => {
  const directory = new TestDirectory();
  let stack: RealStack;
  beforeAll(async () => {
    stack = await openRealStack();
  }, 120_000);
  afterAll(async () => {
    await stack.close();
    directory.dispose();
  });

  function ingest(rows: string, asOf: string) {
    const file = directory.at("positions.csv");
    writeFileSync(file, `symbol,quantity,average_entry_price\n${rows}`);
    const place = ["--file", file, "--account", "main", "--as-of", asOf, "--complete", "--json"];
    return runCommand(["ingest", "positions", "--kafka", ...place], stack.environment);
  }

  it("keys records by account and symbol, appends a file once, and closes what the next one lacks", async () => {
    const first = await ingest("GME,100,18.5\nAMC,-40,50\n", "2021-01-12T16:00:00-05:00");
    expect(first.exitCode, first.stderr).toBe(EXIT.ok);
    expect(jsonLines(first)).toMatchObject([{ stated: 2, unchanged: 0 }]);
    const again = await ingest("GME,100,18.5\nAMC,-40,50\n", "2021-01-12T16:00:00-05:00");
    expect(jsonLines(again)).toMatchObject([{ events: 0, unchanged: 2 }]);
    const later = await ingest("GME,60,18.5\n", "2021-01-13T16:00:00-05:00");
    expect(jsonLines(later)).toMatchObject([{ stated: 1, closed: 1 }]);
    const seen: string[] = [];
    for await (const { key, value } of recordsOf(stack.log, TOPIC)) {
      const decoded = decodeEvent(TOPIC, value ?? new Uint8Array());
      seen.push(`${key} ${decoded.ok ? decoded.value.quantity : decoded.code}`);
    }
    expect(seen.toSorted()).toEqual(["main/AMC -40", "main/AMC 0", "main/GME 100", "main/GME 60"]);
  });

  it("is answered by /portfolio/holdings once it is projected", async () => {
    await projectAll(stack.database, stack.log);
    const app = await apiUnderTest({
      log: stack.log,
      readModel: createPostgresReadModel(stack.database.pool("api")),
    });
    const answer = await app.inject({ url: "/portfolio/holdings" });
    await app.close();
    expect(answer.json()).toMatchObject([
      { symbol: "GME", qty: 60, side: "long", last_price: null },
    ]);
    expect(answer.headers).toMatchObject({ "x-amc-missing": "GME=no-price" });
  });
});
