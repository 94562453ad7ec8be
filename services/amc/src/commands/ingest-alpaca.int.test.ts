import { alpacaPosition } from "@amc/ingest-portfolio/testing/alpaca-answers";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const SECRET = "canary-41d0ee";

describe("amc ingest alpaca", () => {
  let directory: TestDirectory;
  let server: LocalServer;
  let answer: { status: number; json: unknown };
  const keys: unknown[] = [];

  beforeEach(async () => {
    directory = new TestDirectory();
    await (await logAt(directory.path)).close();
    keys.length = 0;
    server = await startServer((_path, response) => {
      const { headers } = response.req;
      keys.push([headers["apca-api-key-id"], headers["apca-api-secret-key"]]);
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(JSON.stringify(answer.json));
    });
  });
  afterEach(async () => {
    await server.close();
    directory.dispose();
  });

  const ingest = (environment: Readonly<Record<string, string>> = {}) =>
    runCommand(["ingest", "alpaca", "--account", "main", "--data-dir", directory.path, "--json"], {
      ALPACA_BASE_URL: server.origin,
      ALPACA_API_KEY_ID: "PKTEST",
      ALPACA_API_SECRET_KEY: SECRET,
      ...environment,
    });

  it("appends what the account holds and closes what it does not hold any more", async () => {
    answer = { status: 200, json: [alpacaPosition("GME"), alpacaPosition("AMC")] };
    const first = await ingest();
    expect(first.exitCode, first.stderr).toBe(EXIT.ok);
    expect(jsonLines(first)).toMatchObject([
      { type: "ingest", provider: "alpaca", accounts: ["main"], stated: 2, closed: 0 },
    ]);
    answer = { status: 200, json: [alpacaPosition("GME")] };
    expect(jsonLines(await ingest())).toMatchObject([{ stated: 1, closed: 1 }]);
    expect(keys).toEqual([
      ["PKTEST", SECRET],
      ["PKTEST", SECRET],
    ]);
    const log = await logAt(directory.path);
    const events = await eventsOf(log, "portfolio.position.v1");
    const held = events.map(({ symbol, quantity, simulated }) => [symbol, quantity, simulated]);
    expect(held).toEqual([
      ["GME", 100, false],
      ["AMC", 100, false],
      ["GME", 100, false],
      ["AMC", 0, false],
    ]);
    expect(await eventsOf(log, "ops.provider-call.v1")).toMatchObject([
      { provider: "alpaca", endpoint: "v2/positions", success: true },
      { provider: "alpaca", endpoint: "v2/positions", success: true },
    ]);
    await log.close();
  });

  it("ends as unavailable when Alpaca refuses, appends nothing and does not show the secret", async () => {
    answer = { status: 403, json: { message: "forbidden" } };
    const refused = await ingest();
    expect(refused.exitCode).toBe(EXIT.unavailable);
    expect(refused.stderr + refused.stdout).not.toContain(SECRET);
    const log = await logAt(directory.path);
    expect(await eventsOf(log, "portfolio.position.v1")).toEqual([]);
    await log.close();
  });

  it("asks nobody without both keys, and names the variable that is missing", async () => {
    const result = await ingest({ ALPACA_API_SECRET_KEY: "" });
    expect(result.exitCode).toBe(EXIT.config);
    expect(result.stderr).toContain("ALPACA_API_SECRET_KEY");
    expect(keys).toEqual([]);
  });
});
