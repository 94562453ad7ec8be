import { startMockFinra } from "@amc/mock-providers/testing/start-mock-finra";
import { answerRecords } from "@amc/platform/http/answer-records";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import type { Append, Log } from "@amc/platform/log/port";
import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { ShortInterest } from "@amc/schemas/generated/events";
import { FACT_TOPICS, type TopicName } from "@amc/schemas/topics";
import { uuidOf } from "@amc/streams/kernel/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const INTEREST = "short.interest.v1";
const KEEP = { KEEP_RAW_ANSWERS: "true" };
const ALL = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 };
const rows = ["GME", "AMC", "BB", "not a symbol"].map((symbolCode, index) => ({
  ...{ symbolCode, settlementDate: "2025-08-29" },
  ...{ currentShortPositionQuantity: 2_500_000 + index, daysToCoverQuantity: 3.5 },
}));

/** What a question to each mock leaves, by the command that asks it. */
const ASKED = [
  ["YAHOO_FINANCE_MOCK", ["yahoo", "--symbols", "XYZ", "--from", "2026-01-02"]],
  ["YAHOO_FINANCE_MOCK", ["yahoo", "--symbols", "XYZ", "--statistics"]],
  ["YAHOO_FINANCE_MOCK", ["yahoo", "--symbols", "XYZ", "--news"]],
  ["MOCK_FINRA_DATA_ENABLED", ["finra", "--settlement", "2025-08-29"]],
  ["MOCK_FINRA_DATA_ENABLED", ["finra", "--day", "2025-09-05"]],
  ["MOCK_ALPHA_VANTAGE_DATA_ENABLED", ["alpha-vantage", "--symbols", "XYZ", "--day", "2025-09-05"]],
  ["MOCK_POLYGON_DATA_ENABLED", ["polygon", "--day", "2025-09-05"]],
  [
    "MOCK_POLYGON_DATA_ENABLED",
    ["polygon", "--symbols", "XYZ", "--from", "2025-09-04", "--to", "2025-09-05"],
  ],
  ["MOCK_POLYGON_DATA_ENABLED", ["polygon", "--snapshot"]],
  [
    "MOCK_NEWS_DATA_ENABLED",
    ["news", "--symbols", "XYZ", "--feed", "https://feeds.example/headline?s=XYZ"],
  ],
] as const;

/** The records of a topic as they would be appended once more. */
async function appendsOf(log: Log, topic: TopicName): Promise<readonly Append[]> {
  return (await log.read(topic, 0, 0, ALL)).map(({ key, value, headers }) => ({
    ...{ topic, key, value, headers },
  }));
}

function interestOf({ value }: Append): ShortInterest {
  const decoded = decodeEvent(INTEREST, value ?? new Uint8Array());
  if (!decoded.ok) throw new TypeError(decoded.code);
  return decoded.value;
}

/** What a broker answered, as it is kept. */
async function positionsAnswer(): Promise<Append> {
  const at = Date.now();
  const { appends } = await answerRecords(
    {
      ...{ callId: uuidOf("a call"), answeredAt: at, status: 200, mediaType: "application/json" },
      ...{ body: Buffer.from("[]"), parameters: {} },
      request: { url: new URL("https://api.alpaca.markets/v2/positions"), accept: [] },
      call: {
        ...{ provider: "alpaca", endpoint: "v2/positions", happenedAt: at, attempt: 1 },
        ...{ responseMs: 80, errorCode: null, simulated: false },
      },
    },
    [],
    "/amc/ingest-portfolio",
  );
  const [append] = appends;
  if (append === undefined) throw new TypeError("an answer is one record at least");
  return append;
}

// Each test runs up to five commands, each a process.
describe("amc rederive", { timeout: 180_000 }, () => {
  const directories: TestDirectory[] = [];
  const newDirectory = async (): Promise<string> => {
    const directory = new TestDirectory();
    directories.push(directory);
    await (await logAt(directory.path)).close();
    return directory.path;
  };
  let path: string;
  beforeEach(async () => {
    path = await newDirectory();
  });
  afterEach(() => {
    for (const directory of directories.splice(0)) directory.dispose();
  });

  const amc = (words: readonly string[], into: string, environment = {}) =>
    runCommand([...words, "--data-dir", into, "--json"], environment);
  const rederive = (into: string, ...words: readonly string[]) => amc(["rederive", ...words], into);

  it.each(ASKED)("under %s makes of %j what the log has, and nothing else", async (flag, words) => {
    const asked = await amc(["ingest", ...words], path, { [flag]: "true", ...KEEP });
    expect(asked.exitCode, asked.stderr).toBe(EXIT.ok);
    const [{ facts: ingested } = { facts: 0 }] = jsonLines(asked);
    const result = await rederive(path);
    expect(result.exitCode, result.stderr + result.stdout).toBe(EXIT.ok);
    const lines = jsonLines(result);
    expect(lines.filter(({ type }) => type !== "answers" && type !== "rederive")).toEqual([]);
    // A control: as many facts as were ingested, and not none of each.
    expect(ingested).toBeGreaterThan(0);
    expect(lines[0]).toMatchObject({ type: "answers", facts: ingested });
    const log = await logAt(path);
    const answers = await eventsOf(log, "ops.provider-answer.v1");
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.every(({ simulated }) => simulated)).toBe(true);
    await log.close();
  });

  it("says what it does not cover and why, and that nothing was kept where nothing was", async () => {
    const words = ["ingest", "polygon", "--snapshot"];
    await amc(words, path, { MOCK_POLYGON_DATA_ENABLED: "true" });
    const none = await runCommand(["rederive", "--data-dir", path]);
    expect(none.exitCode, none.stderr).toBe(EXIT.ok);
    expect(none.stdout).toContain("no answers are kept of that time: KEEP_RAW_ANSWERS=true");
    const log = await logAt(path);
    await log.commit({ appends: [await positionsAnswer()] });
    await log.close();
    const some = await runCommand(["rederive", "--data-dir", path]);
    expect(some.stdout).toContain("1 answers kept, 0 read: 0 facts, 0 rows refused");
    expect(some.stdout).toContain(
      "1 not covered: alpaca v2/positions: positions are what changed since the statement before",
    );
    const other = await rederive(path, "--provider", "polygon");
    expect(jsonLines(other)[0]).toMatchObject({ type: "answers", answers: 0 });
    const later = await rederive(path, "--since", "2099-01-01T00:00Z");
    expect(jsonLines(later)[0]).toMatchObject({ type: "answers", answers: 0 });
    const wrong = await rederive(path, "--provider", "bloomberg");
    expect(wrong.exitCode).toBe(EXIT.usage);
  });

  /** A log as a parser would have left it that read shares a hundredfold for AMC, lost BB, and made up ZZZ. */
  async function brokenLog(): Promise<string> {
    const mock = await startMockFinra({ datasets: { consolidatedShortInterest: rows } });
    try {
      const asked = await amc(["ingest", "finra", "--settlement", "2025-08-29"], path, {
        ...{ FINRA_API_BASE_URL: `${mock.origin}/name`, ...KEEP },
      });
      expect(asked.exitCode, asked.stderr).toBe(EXIT.ok);
    } finally {
      await mock.close();
    }
    const broken = await newDirectory();
    const [good, bad] = [await logAt(path), await logAt(broken)];
    const facts = (await appendsOf(good, INTEREST)).flatMap((append) => {
      const value = interestOf(append);
      if (value.symbol === "BB") return [];
      if (value.symbol === "AMC") {
        const wrong = { ...value, sharesShort: value.sharesShort * 100 };
        return [{ ...append, value: encodeEvent(INTEREST, wrong) }];
      }
      const phantom = { ...value, symbol: "ZZZ" };
      const headers = { ...append.headers, ce_id: uuidOf("phantom") };
      return [append, { ...append, key: "ZZZ", value: encodeEvent(INTEREST, phantom), headers }];
    });
    await bad.commit({ appends: [...(await appendsOf(good, "ops.provider-answer.v1")), ...facts] });
    await good.close();
    await bad.close();
    return broken;
  }

  it("names exactly the facts that a broken parser had made otherwise, field by field", async () => {
    const broken = await brokenLog();
    // The control: of the log that today's parser has made, nothing differs.
    expect((await rederive(path)).exitCode).toBe(EXIT.ok);
    const result = await rederive(broken);
    expect(result.exitCode, result.stderr).toBe(EXIT.failed);
    const differences = jsonLines(result).filter(({ type }) => type === "difference");
    expect(differences).toHaveLength(3);
    expect(differences).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ change: "changed", topic: INTEREST, symbol: "AMC" },
          fields: [{ field: "sharesShort", was: 250_000_100, now: 2_500_001 }],
        }),
        expect.objectContaining({ change: "new", symbol: "BB", fields: [] }),
        expect.objectContaining({ change: "gone", symbol: "ZZZ", fields: [] }),
      ]),
    );
    expect(jsonLines(result).at(-1)).toEqual({
      ...{ type: "rederive", appended: null },
      topics: { [INTEREST]: { same: 1, changed: 1, new: 1, gone: 1 } },
    });
    const text = await runCommand(["rederive", "--data-dir", broken]);
    expect(text.stdout).toBe(
      [
        "1 answers kept, 1 read: 3 facts, 1 rows refused",
        "  changed short.interest.v1 AMC 2025-08-29T20:00:00.000Z: sharesShort 250000100 -> 2500001",
        "  new     short.interest.v1 BB 2025-08-29T20:00:00.000Z",
        "  gone    short.interest.v1 ZZZ 2025-08-29T20:00:00.000Z",
        "short.interest.v1: 1 the same, 1 changed, 1 new, 1 not made any more",
        "",
      ].join("\n"),
    );
  });

  it("appends what is new, and what is otherwise as a later vintage, once however often it is told to", async () => {
    const broken = await brokenLog();
    const before = Date.now();
    const first = await rederive(broken, "--append");
    // What was made up stays: a log takes nothing back, and the answer is no.
    expect(first.exitCode, first.stderr).toBe(EXIT.failed);
    expect(jsonLines(first).at(-1)).toMatchObject({
      appended: { added: 1, corrected: 1, restated: 0, superseded: 0 },
    });
    const second = await rederive(broken, "--append");
    expect(jsonLines(second).at(-1)).toMatchObject({
      appended: { added: 0, corrected: 0, restated: 0, superseded: 0 },
      topics: { [INTEREST]: { same: 3, changed: 0, new: 0, gone: 1 } },
    });
    const log = await logAt(broken);
    const facts = await eventsOf(log, INTEREST);
    expect(facts).toHaveLength(5);
    const amcFacts = facts.filter(({ symbol }) => symbol === "AMC");
    expect(amcFacts.map(({ sharesShort }) => sharesShort)).toEqual([250_000_100, 2_500_001]);
    const [wrong, right] = amcFacts;
    // Nobody knew it before: a replay of the days in between does not see it.
    expect(right?.publishedAt).toBeGreaterThanOrEqual(before);
    expect(wrong?.publishedAt).toBeLessThan(before);
    expect(facts.find(({ symbol }) => symbol === "BB")?.sharesShort).toBe(2_500_002);
    await log.close();
  });

  it("appends a bar that is otherwise under its id, where the first one holds, and once", async () => {
    const words = ["ingest", "polygon", "--day", "2025-09-05"];
    await amc(words, path, { MOCK_POLYGON_DATA_ENABLED: "true", ...KEEP });
    const broken = await newDirectory();
    const [good, bad] = [await logAt(path), await logAt(broken)];
    const [first, ...bars] = await appendsOf(good, "market.price-tick.v1");
    const decoded = decodeEvent("market.price-tick.v1", first?.value ?? new Uint8Array());
    if (first === undefined || !decoded.ok) throw new TypeError("the mock gave no bar");
    const wrong = { ...decoded.value, vwap: null, volume: 1 };
    const answers = await appendsOf(good, "ops.provider-answer.v1");
    const mistaken = { ...first, value: encodeEvent("market.price-tick.v1", wrong) };
    await bad.commit({ appends: [...answers, mistaken, ...bars] });
    await good.close();
    await bad.close();
    const appended = await rederive(broken, "--append");
    expect(appended.exitCode, appended.stderr).toBe(EXIT.ok);
    const lines = jsonLines(appended);
    expect(lines.filter(({ type }) => type === "difference")).toMatchObject([
      { change: "changed", symbol: wrong.symbol, simulated: true },
    ]);
    expect(lines.at(-1)).toMatchObject({ appended: { restated: 1, added: 0, corrected: 0 } });
    const again = await rederive(broken, "--append");
    expect(jsonLines(again).at(-1)).toMatchObject({ appended: { restated: 0 } });
    const log = await logAt(broken);
    expect(await eventsOf(log, "market.price-tick.v1")).toHaveLength(bars.length + 2);
    await log.close();
  });

  it("ends by itself and says where an answer is not what was kept", async () => {
    await amc(["ingest", "polygon", "--day", "2025-09-05"], path, {
      ...{ MOCK_POLYGON_DATA_ENABLED: "true", ...KEEP },
    });
    const damaged = await newDirectory();
    const [good, bad] = [await logAt(path), await logAt(damaged)];
    const topic = "ops.provider-answer.v1";
    const appends = (await appendsOf(good, topic)).map((append) => {
      const decoded = decodeEvent(topic, append.value ?? new Uint8Array());
      if (!decoded.ok) throw new TypeError(decoded.code);
      const sha256 = "0".repeat(64);
      return { ...append, value: encodeEvent(topic, { ...decoded.value, sha256 }) };
    });
    await bad.commit({ appends });
    for (const topicOfFacts of FACT_TOPICS) {
      expect(await eventsOf(bad, topicOfFacts)).toEqual([]);
    }
    await good.close();
    await bad.close();
    const result = await rederive(damaged);
    expect(result.exitCode).toBe(EXIT.internal);
    expect(result.stderr).toContain("has another hash than when it was kept");
  });
});
