import { describe, expect, it } from "vitest";
import { HAS_RECORDED_DATA, RECORDED_DATA } from "../testing/recorded-data.ts";
import { type Build, killRounds, undisturbed } from "./kill-rounds.ts";

/** A few with every change; `npm run amc -- faults --kills 100` where there is time. */
const KILLS = Number(process.env.AMC_KILLS ?? "4");
const SEED = Number(process.env.AMC_SEED ?? "3");

const planOf = (build: Build) => ({
  kills: KILLS,
  seed: SEED,
  recording: "gme-2021",
  data: RECORDED_DATA,
  build,
});

describe.skipIf(!HAS_RECORDED_DATA)(
  `the whole product killed at random (needs AMC_DATA, seed ${SEED})`,
  () => {
    it("ends with the log and the tables of a run that nobody killed", {
      timeout: 600_000,
    }, async () => {
      const reference = await undisturbed(planOf("sound"));
      expect(reference.differences).toBe(0);
      const rounds = await killRounds(planOf("sound"));
      expect(rounds.reduce((sum, { kills }) => sum + kills, 0)).toBe(KILLS);
      for (const { examination } of rounds) expect(examination).toEqual(reference);
    });

    it("is caught when its projector saves positions before the rows (control)", {
      timeout: 600_000,
    }, async () => {
      const rounds = await killRounds(planOf("positions-first"));
      const wrong = rounds.filter(({ examination }) => examination.differences > 0);
      expect(wrong.length).toBeGreaterThan(0);
    });
  },
);
