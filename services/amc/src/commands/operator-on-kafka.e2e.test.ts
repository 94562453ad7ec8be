import { randomUUID } from "node:crypto";
import { recordsOf } from "@amc/replay/log-digests";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { textIn, until } from "../testing/service-process.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const missing = stackParts.map(({ skipped }) => skipped).join("");
const TOPIC = "market.price-tick.v1";
/** A tick in the frame of a schema that nobody has registered. */
const POISON = Uint8Array.from([0, 0x7f, 0, 0, 1, 1, 2, 3]);

describe.skipIf(missing !== "")(`an operator of the system on Kafka${missing}`, () => {
  let stack: RealStack;
  const amc = (...words: string[]) =>
    runCommand([...words, "--kafka", "--json"], stack.environment);
  const told = async (...words: string[]) => {
    const result = await amc(...words);
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    return jsonLines(result);
  };

  beforeAll(async () => {
    stack = await openRealStack();
    const headers = { ce_id: randomUUID() };
    await stack.log.commit({
      appends: [{ topic: TOPIC, partition: 2, key: "GME", value: POISON, headers }],
    });
    const processor = stack.start("processor");
    const projector = stack.start("projector");
    const ingest = stack.start("ingest");
    if ((await ingest.exit()) !== 0) throw new Error(ingest.log);
    const isTaken = async () =>
      (await stack.progress()).untaken === 0 &&
      (await told("status")).every(({ type, records }) => type !== "projection" || records === 0);
    await until(isTaken, () => processor.log.slice(-2_000) + projector.log.slice(-2_000));
  });
  afterAll(() => stack?.close());

  it("sees how far stages and tables are, and what each topic holds", async () => {
    const [status, ...others] = await told("status");
    expect(status).toMatchObject({ dataDirectory: null, running: null, tables: "reachable" });
    expect(others.filter(({ type }) => type === "projection").length).toBeGreaterThan(3);
    const topics = await told("topics");
    expect(topics.find(({ topic }) => topic === TOPIC)).toMatchObject({ log: { deadLetters: 2 } });
  });

  it("finds a dead letter, sees its bytes, and is told what a redrive would do", async () => {
    // The stages and the projector have both met it.
    const causes = (await told("dlq", "list")).filter(({ type }) => type === "dead-letters");
    expect(causes.map(({ topic, code, count }) => [topic, code, count])).toEqual([
      [TOPIC, "envelope.unknown-schema", 1],
      [TOPIC, "envelope.unknown-schema", 1],
    ]);
    const [letter] = await told("dlq", "show", TOPIC, "2", "0");
    expect(letter).toMatchObject({ valueHex: Buffer.from(POISON).toString("hex") });
    const [counts] = await told("dlq", "redrive", "--topic", TOPIC, "--dry-run");
    expect(counts).toMatchObject({ total: 2, redrivable: 0 });
  });

  it("explains a recommendation and looks at a symbol as it stood", async () => {
    const ids: string[] = [];
    for await (const { headers } of recordsOf(stack.log, "discovery.recommendation.v1")) {
      ids.push(headers.ce_id ?? "");
    }
    const [explanation] = await told("explain", ids[0] ?? "");
    expect(explanation).toMatchObject({ type: "explanation", id: ids[0] });
    const lines = await told("inspect", "--symbol", "GME", "--at", "2021-01-13T10:15");
    expect(lines.map(({ type }) => type)).toEqual(expect.arrayContaining(["features", "verdict"]));
  });

  it("changes a setting, which the list then shows", async () => {
    const [changed] = await told("control", "preset", "catalyst_heavy", "--reason", "earnings");
    expect(textIn(changed, "setting")).toBe("preset");
    const standing = await told("control", "list");
    expect(standing.find(({ setting }) => setting === "preset")).toMatchObject({
      value: "catalyst_heavy",
      reason: "earnings",
      // No tick has come since the recording ended.
      isInForce: false,
    });
  });

  it("builds the tables again from Kafka and finds them equal", async () => {
    const lines = await told("rebuild");
    expect(lines.at(-1)).toMatchObject({ type: "rebuild", ok: true, differences: [] });
    const pruned = await told("prune", "--before", "2021-01-01", "--dry-run");
    expect(pruned.length).toBeGreaterThan(0);
  });

  it("is told at once what is not configured, and that a data directory is another system", async () => {
    const unset = { ...stack.environment, KAFKA_BROKERS: "", DATABASE_URL: "" };
    const refused = await runCommand(["rebuild", "--kafka"], unset);
    expect(refused.exitCode).toBe(EXIT.config);
    expect(refused.stderr).toMatch(/KAFKA_BROKERS: is missing[\s\S]*DATABASE_URL: is missing/);
    const both = await amc("dlq", "list", "--data-dir", "somewhere");
    expect(both.exitCode).toBe(EXIT.usage);
    expect(both.stderr).toContain("--kafka and --data-dir exclude each other");
  });
});
