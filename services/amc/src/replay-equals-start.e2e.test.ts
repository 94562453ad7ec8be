import { afterAll, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "./testing/run-command.ts";
import { TestDirectory } from "./testing/simulated-system.ts";

const directory = new TestDirectory();
afterAll(() => directory.dispose());

type Line = Readonly<Record<string, unknown>>;

/** The lines that say what was found: how long it took is of the machine. */
async function toldBy(...words: string[]): Promise<ReadonlyMap<string, readonly Line[]>> {
  const result = await runCommand([...words, "--json"]);
  expect(result.exitCode, result.stderr).toBe(0);
  const told = new Map<string, Line[]>();
  for (const line of jsonLines(result)) {
    const type = String(line.type);
    const found = Object.entries(line).filter(([name]) => name !== "elapsedMs");
    told.set(type, [...(told.get(type) ?? []), Object.fromEntries(found)]);
  }
  return told;
}

const OUTCOMES = ["recommendation", "alert", "run", "summary"] as const;

describe("replay of the built-in case", () => {
  it("tells line for line what start tells of it", async () => {
    const data = directory.at("played");
    const started = await toldBy("start", "--data-dir", data, "--port", "0", "--exit-when-done");
    const replayed = await toldBy("replay", "--recording", "built-in");
    for (const type of OUTCOMES) {
      expect(started.get(type)?.length, type).toBeGreaterThan(0);
      expect(replayed.get(type), type).toEqual(started.get(type));
    }
  });

  it("differs where another profile decides: the comparison sees more than counts", async () => {
    const strict = await toldBy("replay", "--profile", "strict");
    const active = await toldBy("replay", "--profile", "active");
    expect(active.get("run")).not.toEqual(strict.get("run"));
  });
});
