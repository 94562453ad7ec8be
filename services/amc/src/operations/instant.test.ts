import { describe, expect, it } from "vitest";
import { CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { readInstant, readRange } from "./instant.ts";

const range = (values: Readonly<Record<string, string>>) => readRange(new CommandWords(values, []));

describe("an instant on the command line", () => {
  it("is read by its zone, and without one by the clock of New York in winter and summer", () => {
    expect(readInstant("at", "2021-01-13T15:15:00Z")).toBe(Date.UTC(2021, 0, 13, 15, 15));
    expect(readInstant("at", "2021-01-13T10:15")).toBe(Date.UTC(2021, 0, 13, 15, 15));
    expect(readInstant("at", "2021-07-13 10:15")).toBe(Date.UTC(2021, 6, 13, 14, 15));
  });

  it.each([
    "yesterday",
    "2021-02-30T10:15",
    "2021-02-30T10:15:00Z",
    "2021-01-13T25:00",
    "2021-01-13T24:00",
    "2021-01-13T10:60",
    "2021-01-13",
    "",
  ])("ends with a usage error that names the option when it is %j", (text) => {
    expect(() => readInstant("at", text)).toThrow(
      expect.objectContaining({
        exitCode: EXIT.usage,
        message: expect.stringMatching(/^--at takes an instant such as .+ was "/),
      }),
    );
  });
});

describe("a range on the command line", () => {
  it("counts a day from midnight to midnight in New York, also where the clock changes", () => {
    expect(range({ from: "2021-01-13", to: "2021-01-13" })).toEqual({
      fromMs: Date.UTC(2021, 0, 13, 5),
      toMs: Date.UTC(2021, 0, 14, 5) - 1,
    });
    // 23 hours: the clock is put forward at 02:00.
    expect(range({ from: "2021-03-14", to: "2021-03-14" })).toEqual({
      fromMs: Date.UTC(2021, 2, 14, 5),
      toMs: Date.UTC(2021, 2, 15, 4) - 1,
    });
  });

  it("is open at an end that is not given", () => {
    expect(range({})).toEqual({ fromMs: -Infinity, toMs: Infinity });
    expect(range({ to: "2021-01-13T10:30" }).fromMs).toBe(-Infinity);
  });

  it("may be one instant", () => {
    const at = Date.UTC(2021, 0, 13, 15, 15);
    expect(range({ from: "2021-01-13T10:15", to: "2021-01-13T15:15:00Z" })).toEqual({
      fromMs: at,
      toMs: at,
    });
  });

  it.each([
    [{ from: "yesterday" }, /^--from takes a day such as 2021-01-13, .+ was "yesterday"$/],
    [{ to: "2021-01-12T25:00" }, /^--to takes a day such as .+ was "2021-01-12T25:00"$/],
    [{ from: "2021-02-30" }, /^--from takes a day such as .+ was "2021-02-30"$/],
    [{ from: "2021-01-13", to: "" }, /^--to takes a day such as .+ was ""$/],
    [{ from: "2021-01-14", to: "2021-01-13" }, /^--to 2021-01-13 lies before --from 2021-01-14: /],
    [{ from: "2021-01-13T10:31", to: "2021-01-13T15:30Z" }, /^--to .+ lies before --from .+: /],
  ])("ends with a usage error that names the option and the fix when it is %j", (words, text) => {
    expect(() => range(words)).toThrow(
      expect.objectContaining({ exitCode: EXIT.usage, message: expect.stringMatching(text) }),
    );
  });
});
