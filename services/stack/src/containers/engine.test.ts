import { expect, it } from "vitest";
import { isNewEnough } from "./engine.ts";

it.each([
  ["2.23.0", false],
  ["1.29.2", false],
  ["2.3.4", false],
  ["2.23.1", true],
  ["2.26.1-4", true],
  ["v2.40.3-desktop.1", true],
  ["5.0.0", true],
])("the compose plugin %s knows files in line: %s", (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});
