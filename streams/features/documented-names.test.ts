import { SCHEMAS } from "@amc/schemas/generated/schemas";
import { describe, expect, it } from "vitest";
import { FEATURE_FLAGS } from "./feature-flags.ts";
import { MISSING_REASONS } from "./missing-values.ts";
import { INPUT_ROLES } from "./used-facts.ts";

const FIELDS = SCHEMAS["amc.signals.Features"].fields;

/** Names in a doc: words that are not prose. */
function namesIn(doc: string | undefined): string[] {
  return (doc ?? "").replace(/^(Marks|Stable reason): /, "").split(/, | or /);
}

describe("the docs of a features event", () => {
  it("name every role that evidence can have, and no other", () => {
    const inputs = FIELDS.find(({ name }) => name === "inputs");
    const role = /"name":"role","type":"string","doc":"([^"]*)"/.exec(JSON.stringify(inputs))?.[1];
    expect(namesIn(role).sort()).toEqual([...INPUT_ROLES].sort());
  });

  it.each(["amc.signals.Features", "amc.signals.Verdict"] as const)(
    "name every reason that a null of %s can have, and no other",
    (schema) => {
      const missing = SCHEMAS[schema].fields.find(({ name }) => name === "missing");
      const reason = /"doc":"(Stable reason: [^"]*)"/.exec(JSON.stringify(missing))?.[1];
      expect(namesIn(reason).sort()).toEqual([...MISSING_REASONS].sort());
    },
  );

  it("name every flag that can be set, and no other", () => {
    const flags = FIELDS.find(({ name }) => name === "flags");
    expect(namesIn(flags?.doc).sort()).toEqual([...FEATURE_FLAGS].sort());
  });
});
