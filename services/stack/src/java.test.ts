import { describe, expect, it } from "vitest";
import { findJavas, majorVersionIn, requireJava } from "./java.ts";
import { editionFor } from "./registry/editions.ts";

const machine = (versions: Record<string, number | null>) => ({
  candidates: () => Object.keys(versions),
  majorVersion: (command: string) => versions[command] ?? null,
});

describe("looking for Java", () => {
  it("passes over what is too old and what does not run", () => {
    const javas = findJavas(undefined, machine({ old: 11, broken: null, good: 17, newer: 25 }));
    expect(requireJava(javas)).toEqual({ command: "good", majorVersion: 17 });
  });

  it("says in one line which command adds it when there is none", () => {
    expect(() => requireJava([])).toThrowError(/run: (sudo apt-get|brew) install openjdk/);
    expect(() => requireJava([])).not.toThrowError(/\n/);
    expect(() => requireJava([])).toThrowError(
      expect.objectContaining({ code: "stack.not-installed" }),
    );
  });

  it.each([
    ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17],
    ['java version "1.8.0_402"', 8],
    ['openjdk version "25" 2025-09-16 LTS', 25],
    ["The operation couldn't be completed. Unable to locate a Java Runtime.", null],
  ])("reads the version out of %j as %j", (answer, expected) => {
    expect(majorVersionIn(answer)).toBe(expected);
  });
});

describe("the edition of the registry", () => {
  const java17 = { command: "a", majorVersion: 17 };
  const java25 = { command: "b", majorVersion: 25 };

  it("is the newer one when any Java of the machine runs it", () => {
    expect(editionFor([java17, java25], null)).toMatchObject({
      edition: { name: "java21" },
      java: java25,
    });
    expect(editionFor([java17], null)).toMatchObject({ edition: { name: "java17" }, java: java17 });
  });

  it("stays the one whose data is there, which no other can read", () => {
    expect(editionFor([java17, java25], "java17")).toMatchObject({ edition: { name: "java17" } });
    expect(editionFor([java17], "java21")).toBeNull();
  });
});
