import { describe, expect, it } from "vitest";
import { faultOptions } from "./fault-options.ts";

const options = (...args: string[]) => faultOptions(args, ["F3", "F9"]);

describe("the options of a run of faults", () => {
  it("are each fault's own number of strikes and seed 1 when nothing is asked for", () => {
    expect(options()).toMatchObject({ only: undefined, strikes: undefined, seed: 1 });
  });

  it("are what is asked for", () => {
    expect(options("--only", "F3,F9", "--strikes", "12", "--seed", "7", "--json")).toMatchObject({
      ...{ only: ["F3", "F9"], strikes: 12, seed: 7, isJson: true, isFull: false },
    });
  });

  it.each(["abc", "0", "-1", "1.5", "", "1e3", " 4", "1000001"])(
    "refuse %j strikes, which would be a run without a fault or without an end",
    (text) => {
      expect(options(`--strikes=${text}`)).toEqual({
        problem: `--strikes takes a whole number from 1 to 1000000, was "${text}"`,
      });
    },
  );

  it("refuse a seed that is no number, a fault that there is not and a word that is none", () => {
    expect(options("--seed", "x")).toMatchObject({ problem: expect.stringContaining("--seed") });
    expect(options("--only", "F3,F99")).toEqual({ problem: "there is no fault F99" });
    expect(options("--strike", "3")).toMatchObject({
      problem: expect.stringContaining("--strike"),
    });
  });
});
