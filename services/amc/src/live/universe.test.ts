import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandWords } from "../command.ts";
import { readUniverse } from "./universe.ts";

describe("the universe of a live start", () => {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "amc-universe-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const universe = (values: Record<string, string>) => readUniverse(new CommandWords(values, []));

  it("is a list, a file with a company per line and comments, or both, each symbol once", async () => {
    const file = join(directory, "watched.txt");
    writeFileSync(file, "# mine\nGME=GameStop\r\n\nbrk.b   # Berkshire\n");
    expect(await universe({ live: "GME, amc" })).toMatchObject({ symbols: ["GME", "AMC"] });
    expect(await universe({ live: "AMC,GME", universe: file })).toEqual({
      companies: [
        { symbol: "AMC", name: null },
        { symbol: "GME", name: null },
        { symbol: "GME", name: "GameStop" },
        { symbol: "BRK.B", name: null },
      ],
      symbols: ["AMC", "GME", "BRK.B"],
      isWholeMarket: false,
    });
  });

  it("is the whole market by its name, with the news of a file's companies", async () => {
    const file = join(directory, "news.txt");
    writeFileSync(file, "GME");
    expect(await universe({ live: "market" })).toMatchObject({ isWholeMarket: true, symbols: [] });
    expect(await universe({ live: "Market", universe: file })).toMatchObject({
      ...{ isWholeMarket: true, symbols: ["GME"] },
    });
  });

  it.each(["G$ME!", "GME=", "=GameStop", "GME=x"])("refuses %j", async (live) => {
    await expect(universe({ live })).rejects.toThrow("take symbols such as GME=GameStop,AMC");
  });
});
