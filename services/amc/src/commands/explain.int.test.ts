import type { Log } from "@amc/platform/log/port";
import { recordsOf } from "@amc/replay/log-digests";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, TestDirectory, writeSimulatedSystem } from "../testing/simulated-system.ts";

const place = z.object({ topic: z.string(), partition: z.int(), offset: z.int() });
const node = z.object({ id: z.string(), position: place });
const features = node.extend({
  inputs: z.array(z.object({ role: z.string(), count: z.int(), first: node, last: node })),
});
const explanation = z.object({
  words: z.object({ headline: z.string(), why: z.array(z.string()) }),
  gates: z.array(z.object({ outcome: z.string(), margin: z.number().nullable() })),
  contributions: z.array(z.object({ contribution: z.number().nullable() })),
  recommendation: z.object({ symbol: z.string(), score: z.number() }),
  evidence: node.extend({
    verdict: node.extend({ detections: z.array(node), features }),
  }),
});

const directory = new TestDirectory();
let log: Log;
let ids: string[];

beforeAll(async () => {
  await writeSimulatedSystem(directory.path);
  log = await openTestLog(directory.path);
  ids = [];
  for await (const { headers } of recordsOf(log, "discovery.recommendation.v1")) {
    ids.push(headers.ce_id ?? "");
  }
});

afterAll(async () => {
  await log.close();
  directory.dispose();
});

const explain = (...words: string[]) =>
  runCommand(["explain", "--data-dir", directory.path, ...words]);

describe("amc explain", () => {
  it("leads from the recommendation to records that have the ids it names", async () => {
    expect(ids.length).toBeGreaterThan(0);
    const result = await explain(ids[0] ?? "", "--json");
    expect(result.exitCode, result.stderr).toBe(0);
    const { evidence, gates, contributions, recommendation } = explanation.parse(
      jsonLines(result)[0],
    );
    const { verdict } = evidence;
    const nodes = [evidence, verdict, ...verdict.detections, verdict.features].concat(
      verdict.features.inputs.flatMap(({ first, last }) => [first, last]),
    );
    expect(nodes.length).toBeGreaterThan(12);
    for (const { id, position } of nodes) {
      const { topic, partition, offset } = position;
      const [record] = await log.read(topic, partition, offset, { maxRecords: 1, maxBytes: 1 });
      expect(record?.headers.ce_id, `${topic}/${partition}/${offset}`).toBe(id);
    }
    expect(gates.every(({ outcome }) => outcome !== "failed")).toBe(true);
    const sum = contributions.reduce((total, part) => total + (part.contribution ?? 0), 0);
    expect(sum).toBeCloseTo(recommendation.score, 9);
  });

  it("says in words why, what passed with which margin, and where the evidence lies", async () => {
    const { stdout, exitCode } = await explain(ids[0] ?? "");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^SIM\d{4} reached (the watchlist|trade ready) at \$/);
    expect(stdout).toMatch(
      /Relative volume passed: .+ against a limit of .+(to spare|the limit)\./,
    );
    expect(stdout).toMatch(/dailyBars: 105 facts of simulated/);
    expect(stdout).toMatch(/ {2}last {2}market\.price-tick\.v1\/\d\/\d+ {2}[0-9a-f-]{36}/);
    expect(stdout).not.toContain("place not found");
  });

  it("answers no for an unknown id and names one that exists", async () => {
    const { exitCode, stderr } = await explain("00000000-0000-8000-8000-000000000000");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^amc: this log holds no recommendation 0{8}-.+; the newest is /);
    expect(ids.some((id) => stderr.includes(id))).toBe(true);
  });
});
