import type { Log } from "@amc/platform/log/port";
import { digestsOf, recordsOf } from "@amc/replay/log-digests";
import { decodeEvent } from "@amc/schemas/codec";
import type { Run } from "@amc/schemas/generated/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { dataDirectoryAt, withInspectedLog } from "../operations/data-directory.ts";
import { runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const COUNTS = z.record(z.string(), z.number());
const LINE = z.looseObject({
  level: z.literal("debug"),
  slot: z.iso.datetime(),
  trigger: z.string(),
  stage: z.string(),
  in: z.number(),
  out: z.number(),
  evaluable: z.number().optional(),
  fell: COUNTS.optional(),
  nearest: z.array(z.looseObject({ symbol: z.string(), gate: z.string() })).optional(),
  recommendations: z.number().optional(),
  msg: z.literal("discovery"),
});
type Line = z.output<typeof LINE>;

let directory: TestDirectory;
let on: readonly Line[];
let off: readonly Line[];
beforeAll(async () => {
  directory = new TestDirectory();
  on = await linesOf("on", { DEBUG_DISCOVERY_PIPELINE: "true" });
  off = await linesOf("off", { LOG_LEVEL: "debug" });
}, 120_000);
afterAll(() => directory.dispose());

/** Lines about discovery of a start that plays the built-in case. */
async function linesOf(
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<readonly Line[]> {
  const words = ["start", "--data-dir", directory.at(name), "--port", "0", "--exit-when-done"];
  const { stderr, exitCode } = await runCommand(words, environment);
  if (exitCode !== 0) throw new Error(stderr);
  const logged = stderr.split("\n").filter((line) => line.startsWith("{"));
  return logged.flatMap((line) => LINE.safeParse(JSON.parse(line)).data ?? []);
}

function inLog<Result>(name: string, work: (log: Log) => Promise<Result>): Promise<Result> {
  return withInspectedLog(dataDirectoryAt(directory.at(name)), work);
}

async function runsOf(log: Log): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for await (const { value } of recordsOf(log, "discovery.run.v1")) {
    const decoded = decodeEvent("discovery.run.v1", value ?? new Uint8Array());
    if (decoded.ok) runs.push(decoded.value);
  }
  return runs;
}

/** What the lines of all partitions say together of one run. */
function told({ slot, trigger }: Run, stage: string) {
  const at = new Date(slot).toISOString();
  const lines = on.filter(
    (line) => line.slot === at && line.trigger === trigger && line.stage === stage,
  );
  const fell = new Map<string, number>();
  for (const [gate, symbols] of lines.flatMap((line) => Object.entries(line.fell ?? {}))) {
    fell.set(gate, (fell.get(gate) ?? 0) + symbols);
  }
  const sum = (count: (line: Line) => number) => lines.reduce((all, line) => all + count(line), 0);
  return {
    in: sum((line) => line.in),
    out: sum((line) => line.out),
    evaluable: sum(({ evaluable = 0 }) => evaluable),
    fell: Object.fromEntries(fell),
    named: sum(({ nearest = [] }) => nearest.length),
  };
}

describe("DEBUG_DISCOVERY_PIPELINE", () => {
  it("tells of each slot and stage what came in, what went out and why symbols fell (R-ENV-29)", async () => {
    const runs = await inLog("on", runsOf);
    expect(runs).toHaveLength(5);
    expect(runs.some(({ passed }) => passed > 0)).toBe(true);
    for (const run of runs) {
      const { universe, evaluable, passed, candidates, eliminations } = run;
      const firsts = eliminations.filter(({ first }) => first > 0);
      const fell = Object.fromEntries(firsts.map(({ gate, first }) => [gate, first]));
      const verdicts = told(run, "verdict");
      expect(verdicts).toEqual({
        ...{ in: universe, out: passed, evaluable, fell },
        // The case has fewer symbols than a line names.
        named: universe - passed,
      });
      expect(told(run, "features").out).toBe(universe);
      expect(told(run, "squeeze").in).toBe(universe);
      expect(told(run, "discovery")).toMatchObject({ in: passed, out: candidates.length, fell });
    }
    const recommendations = on.reduce((sum, line) => sum + (line.recommendations ?? 0), 0);
    const recommended = await inLog("on", async (log) => {
      let records = 0;
      for await (const _ of recordsOf(log, "discovery.recommendation.v1")) records += 1;
      return records;
    });
    expect(recommendations).toBe(recommended);
    expect(recommended).toBeGreaterThan(0);
  });

  it("tells nothing where it is off, whatever LOG_LEVEL says", () => {
    expect(off).toEqual([]);
  });

  it("changes no byte of what is derived", async () => {
    const digests = await inLog("on", digestsOf);
    expect(digests).toEqual(await inLog("off", digestsOf));
    expect(digests.get("discovery.run.v1")?.records).toBe(5);
  });
});
