import { describe, expect, it } from "vitest";
import { z } from "zod";
import { EXIT } from "../exit-codes.ts";
import { HAS_RECORDED_DATA, RECORDED_DATA } from "../testing/recorded-data.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";

const LINE = z.object({
  profile: z.string(),
  polarity: z.enum(["timed", "all"]).nullable(),
  polarized: z.number(),
  verdicts: z.number(),
  passed: z.number(),
  onlyObstacle: z.record(z.string(), z.number()),
  recommendations: z.array(z.object({ label: z.string(), score: z.number() })),
});

async function ablation(words: readonly string[]) {
  const result = await runCommand(["ablate", "--json", ...words]);
  expect(result.exitCode, result.stderr).toBe(EXIT.ok);
  return jsonLines(result).map((line) => LINE.parse(line));
}

describe.skipIf(!HAS_RECORDED_DATA)("amc ablate (needs AMC_DATA)", () => {
  // Six replays of the recording.
  it("tells of every profile what it catches, and what polarity changes beside it", {
    timeout: 300_000,
  }, async () => {
    const lines = await ablation([
      ...["--recordings", "gme-2021", "--polarity", "timed"],
      ...["--data", RECORDED_DATA],
    ]);
    const runs = lines.map(({ profile, polarity, polarized }) => [profile, polarity, polarized]);
    // Twenty events of that recording have the time of a tweet; none states a polarity.
    expect(runs).toEqual([
      ...[
        ["strict", null, 0],
        ["active", null, 0],
        ["proposed", null, 0],
      ],
      ...[
        ["strict", "timed", 20],
        ["active", "timed", 20],
        ["proposed", "timed", 20],
      ],
    ]);
    const [strict, , , read] = lines;
    // The same instants are judged, and gates do not read polarity; scores do.
    expect([read?.verdicts, read?.passed]).toEqual([strict?.verdicts, strict?.passed]);
    expect(read?.onlyObstacle).not.toEqual(strict?.onlyObstacle);
  });
});

describe("amc ablate with polarity", () => {
  it("refuses another word than the two there are", async () => {
    const result = await runCommand(["ablate", "--polarity", "some"]);
    expect(result.exitCode).toBe(EXIT.usage);
    expect(result.stderr).toContain("timed or all");
  });
});
