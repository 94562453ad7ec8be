import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MockServer, startMockServer } from "@amc/mock-providers/mock-server";
import { mockAnthropic } from "@amc/mock-providers/providers/anthropic";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { jobFailed } from "@amc/streams/testing/job-events";
import { position } from "@amc/streams/testing/portfolio-events";
import { alertRequested, recommendation, run } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { type CommandResult, jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const KEY = `canary-key-${randomBytes(12).toString("hex")}`;
/** In each text of events that have one, and in those of positions and alerts, which are not looked at. */
const CANARY = "CANARY";

/** Of whoever is told of alerts; nobody has it. */
const ACCOUNT = {
  TWILIO_ACCOUNT_SID: `AC${"5a".repeat(16)}`,
  TWILIO_AUTH_TOKEN: "canary-of-a-token",
  TWILIO_FROM_NUMBER: "+12025550199",
  TWILIO_RECIPIENTS: "+12025550100",
};

const EVENTS: readonly AnyEvent[] = [
  run({
    ...{ universe: 1_000, evaluable: 900, passed: 1 },
    eliminations: [
      { gate: "min_relvol_30", first: 800, all: 900 },
      { gate: CANARY, first: 1, all: 1 },
    ],
    healthMessages: [CANARY],
  }),
  recommendation({ symbol: CANARY, thesis: CANARY, reasons: [CANARY] }),
  jobFailed({ errorMessage: CANARY, errorCode: CANARY }),
  alertRequested({ symbol: CANARY, title: CANARY, message: CANARY }),
  position({ symbol: CANARY, account: CANARY }),
];

describe("amc insight", () => {
  let directory: TestDirectory;
  let mock: MockServer;

  beforeEach(async () => {
    directory = new TestDirectory();
    mock = await startMockServer(mockAnthropic());
  });
  afterEach(async () => {
    await mock.close();
    directory.dispose();
  });

  async function tell(events: readonly AnyEvent[]): Promise<void> {
    const log = await logAt(directory.path);
    for (const event of events) await log.commit({ appends: [appended(event)] });
    await log.close();
  }

  const insightUntil = (
    interrupted: AbortSignal | undefined,
    environment: Record<string, string>,
    ...words: readonly string[]
  ) => {
    const given = { ANTHROPIC_BASE_URL: mock.origin, LOG_LEVEL: "trace", ...environment };
    const all = ["insight", ...words, "--data-dir", directory.path];
    return runCommand(all, given, process.cwd(), interrupted);
  };
  const insight = (environment: Record<string, string>, ...words: readonly string[]) =>
    insightUntil(undefined, environment, ...words);
  const withKey = (...words: readonly string[]) => insight({ ANTHROPIC_API_KEY: KEY }, ...words);
  const calls = async () => {
    const log = await logAt(directory.path);
    const found = await eventsOf(log, "ops.provider-call.v1");
    await log.close();
    return found;
  };

  it("prints what a model suggests of the figures, each with those that it rests on, and applies nothing", async () => {
    await tell(EVENTS);
    const result = await withKey();
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    const [body = ""] = mock.asked().map((request) => request.body);
    expect(result.stdout.split("\n")).toEqual([
      expect.stringMatching(
        /^2020-12-17 to 2021-01-13, by claude-sonnet-4-6: \d+ tokens read, \d+ written$/,
      ),
      expect.stringMatching(/^A mock read \d+ figures of 1 runs\.$/),
      "1. Replay with another limit of min_relvol_30 (gates, confidence 0.60)",
      "   It failed 900 evaluations or lacked an input, more than most gates did.",
      "   gate.min_relvol_30.failed-or-unknown 900, evaluations.all 1000",
      "2. Replay with another limit of other (gates, confidence 0.60)",
      "   It failed 1 evaluations or lacked an input, more than most gates did.",
      "   gate.other.failed-or-unknown 1, evaluations.all 1000",
      `Words of a model; nothing was applied. Input ${hashOf(body)}`,
      "",
    ]);
    const log = await logAt(directory.path);
    expect(await eventsOf(log, "ops.control.v1")).toEqual([]);
    await log.close();
    expect(await calls()).toMatchObject([
      { provider: "anthropic", endpoint: "messages", success: true, simulated: false },
    ]);
  });

  it("sends the aggregates and nothing else of what the log knows, and shows before exactly what", async () => {
    await tell(EVENTS);
    const shown = await insight({}, "--dry-run", "--json");
    expect(shown.exitCode, shown.stderr).toBe(EXIT.ok);
    expect(mock.requests()).toBe(0);
    expect(await calls()).toEqual([]);
    const [question] = jsonLines(shown);
    const said = await insight({}, "--dry-run");
    const result = await insight({ ANTHROPIC_API_KEY: KEY, ...ACCOUNT }, "--json");
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    const [request] = mock.asked();
    const body = request?.body ?? "";
    expect(question).toMatchObject({ type: "insight-question", body, inputHash: hashOf(body) });
    expect(said.stdout).toBe(`${body}\n`);
    expect(jsonLines(result)).toMatchObject([
      { type: "insight", inputHash: hashOf(body), reason: null, simulated: false, mocked: false },
    ]);
    const whole = `${body} ${request?.url.href} ${JSON.stringify(request?.headers)}`;
    expect(whole).not.toContain(CANARY);
    expect(whole).not.toContain("GME");
    for (const personal of Object.values(ACCOUNT)) expect(whole).not.toContain(personal);
    expect(whole).not.toContain(directory.path);
    const { messages } = JSON.parse(body);
    const sent = JSON.parse(messages[0].content);
    expect(Object.keys(sent)).toEqual(["from", "through", "simulated", "figures"]);
    for (const [name, figure] of Object.entries(sent.figures)) {
      expect(name).toMatch(/^[a-z0-9_.-]+$/);
      expect(figure === null || typeof figure === "number", name).toBe(true);
    }
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual([
      ...["accept", "accept-encoding", "anthropic-version", "connection", "content-length"],
      ...["content-type", "host", "user-agent", "x-api-key"],
    ]);
  });

  it("control: what a figure of the log is called would be found if it left", async () => {
    await tell(EVENTS);
    await withKey();
    expect(mock.asked()[0]?.body).toContain("min_relvol_30");
    const log = await logAt(directory.path);
    expect(JSON.stringify(await eventsOf(log, "discovery.recommendation.v1"))).toContain(CANARY);
    await log.close();
  });

  it("without a key names the variable in one line, asks nobody and writes nothing", async () => {
    await tell(EVENTS);
    const before = filesOf(directory.path);
    const result = await insight({});
    expect(result.exitCode).toBe(EXIT.config);
    expect(result.stdout).toBe("");
    expect(result.stderr.trimEnd().split("\n").at(-1)).toMatch(
      /ANTHROPIC_API_KEY: is missing, and insight cannot work without it/,
    );
    expect(mock.requests()).toBe(0);
    expect(filesOf(directory.path)).toEqual(before);
  });

  it("takes the key from a file or the encrypted store, and leaves it nowhere", async () => {
    await tell(EVENTS);
    const file = join(directory.path, "key.given");
    writeFileSync(file, `${KEY}\n`);
    const said = [await insight({ ANTHROPIC_API_KEY_FILE: file })];
    const store = {
      AMC_KEY_STORE: directory.at("keys.json"),
      API_KEY_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    };
    const words = ["keys", "set", "ANTHROPIC_API_KEY", "--file", file];
    said.push(await runCommand(words, store), await insight(store));
    expect(said.map(({ exitCode }) => exitCode)).toEqual([EXIT.ok, EXIT.ok, EXIT.ok]);
    const keys = mock.asked().map(({ headers }) => headers["x-api-key"]);
    expect(keys).toEqual([KEY, KEY]);
    writeFileSync(file, "");
    const kept = [...filesOf(directory.path).values()].join("\n");
    expect(kept + said.map(textOf).join("\n")).not.toContain(KEY);
  });

  it("keeps to the questions of a day over all runs, as the mock counts", async () => {
    await tell(EVENTS);
    const budget = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_DAILY_LIMIT: "2" };
    const ends: (number | null)[] = [];
    for (let asked = 0; asked < 3; asked += 1) ends.push((await insight(budget)).exitCode);
    expect(ends).toEqual([EXIT.ok, EXIT.ok, EXIT.unavailable]);
    expect(mock.requests()).toBe(2);
  });

  it("control: with a larger budget the same mock counts all of them", async () => {
    await tell(EVENTS);
    for (let asked = 0; asked < 3; asked += 1) await withKey();
    expect(mock.requests()).toBe(3);
  });

  it("is not asked after failures in a row, whichever runs of the command they were of", async () => {
    await tell(EVENTS);
    mock.failWith("truncated");
    const patience = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_CIRCUIT_BREAKER_THRESHOLD: "2" };
    const said: CommandResult[] = [];
    for (let asked = 0; asked < 3; asked += 1) said.push(await insight(patience));
    expect(said.map(({ exitCode }) => exitCode)).toEqual(Array(3).fill(EXIT.unavailable));
    expect(mock.requests()).toBe(2);
    expect(said.at(-1)?.stderr).toMatch(
      /not asked after 2 failures in a row \(provider\.unreadable\) \[provider\.circuit-open\]: ask again in \d+ s/,
    );
    const log = await logAt(directory.path);
    const changes = await eventsOf(log, "ops.circuit-breaker.v1");
    await log.close();
    expect(changes).toMatchObject([{ provider: "anthropic", change: "OPENED", failureCount: 2 }]);
  });

  it("control: with more patience it is asked each time", async () => {
    await tell(EVENTS);
    mock.failWith("truncated");
    const patience = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_CIRCUIT_BREAKER_THRESHOLD: "4" };
    for (let asked = 0; asked < 3; asked += 1) await insight(patience);
    expect(mock.requests()).toBe(3);
  });

  it("counts a question that somebody gave up with Ctrl-C: it may be billed", async () => {
    await tell(EVENTS);
    const budget = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_DAILY_LIMIT: "1" };
    const ctrlC = new AbortController();
    mock.failNext(() => ctrlC.abort());
    const given = await insightUntil(ctrlC.signal, budget);
    expect(given.exitCode).toBe(EXIT.unavailable);
    expect(given.stderr).toContain("[provider.aborted]");
    expect(await calls()).toMatchObject([{ success: false, errorCode: "provider.aborted" }]);
    const again = await insight(budget);
    expect(again.stderr).toContain("[provider.budget-spent]");
    expect(mock.requests()).toBe(1);
  });

  it("tells what its only question met, and not that there is none left", async () => {
    await tell(EVENTS);
    mock.failWith({ status: 529 });
    const budget = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_DAILY_LIMIT: "1" };
    const patient = { ANTHROPIC_CIRCUIT_BREAKER_THRESHOLD: "9" };
    const result = await insight({ ...budget, ...patient }, "--json");
    expect(jsonLines(result)).toMatchObject([{ reason: { code: "provider.unavailable" } }]);
  });

  it.each([
    ["truncated", "provider.unreadable"],
    ["a page in its place", "provider.content-type"],
    ["about something else", "provider.unreadable"],
  ] as const)(
    "has no insight and a reason when the answer is %s, and the call is in the log",
    async (kind, code) => {
      await tell(EVENTS);
      mock.failWith(kind);
      const result = await withKey("--json");
      expect(result.exitCode).toBe(EXIT.unavailable);
      expect(jsonLines(result)).toMatchObject([
        { type: "insight", insight: null, reason: { code } },
      ]);
      expect(result.stderr).toContain(`[${code}]`);
      expect(textOf(result)).not.toContain("somebody-else");
      expect(textOf(result)).not.toContain(KEY);
      expect(await calls()).toMatchObject([{ success: false, errorCode: code }]);
    },
  );

  it.each(["MOCK_ANTHROPIC_DATA_ENABLED", "TEST_MODE"])(
    "asks a mock on this machine with %s, without a key and marked",
    async (variable) => {
      await tell(EVENTS);
      const result = await insight({ [variable]: "true" }, "--json");
      expect(result.exitCode, result.stderr).toBe(EXIT.ok);
      expect(jsonLines(result)).toMatchObject([
        { simulated: true, mocked: true, insight: { summary: /./ } },
      ]);
      expect(mock.requests()).toBe(0);
      expect(await calls()).toMatchObject([{ provider: "anthropic", simulated: true }]);
    },
  );

  it("asks nothing about days without a run, and takes the days that it is told", async () => {
    await tell(EVENTS);
    const none = await withKey("--to", "2020-06-01", "--days", "3");
    expect(none.exitCode).toBe(EXIT.failed);
    expect(none.stderr).toContain("no run in these days");
    expect(mock.requests()).toBe(0);
    const result = await withKey("--to", "2021-01-14", "--days", "2", "--json");
    expect(jsonLines(result)).toMatchObject([{ from: "2021-01-13", through: "2021-01-14" }]);
    expect((await withKey("--days", "0")).exitCode).toBe(EXIT.usage);
  });
});

function appended({ topic, id, key, value }: AnyEvent) {
  const { happenedAt } = value;
  const headers = eventHeaders({ id, source: "/test", topic, happenedAt });
  return { topic, key, value: encodeEvent(topic, value), headers };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function textOf({ stdout, stderr }: CommandResult): string {
  return stdout + stderr;
}

/** Every file below a directory, by its path, as text of single bytes. */
function filesOf(path: string): ReadonlyMap<string, string> {
  const files = readdirSync(path, { withFileTypes: true, recursive: true });
  return new Map(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, readFileSync(file, "latin1")]),
  );
}
