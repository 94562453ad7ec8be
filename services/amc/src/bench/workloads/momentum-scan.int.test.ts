import { describe, expect, it } from "vitest";
import { SCAN_DURABLE, SCAN_IN_MEMORY } from "./momentum-scan.ts";

describe("the momentum scan", () => {
  it.each([SCAN_IN_MEMORY, SCAN_DURABLE])(
    "finds in 100,000 bars the signals that every peer found: $name",
    async (workload) => {
      const { facts } = await workload.run("small");
      expect(facts).toMatchObject({ bars: 100_000, signals: 734, keys: "6926751c" });
    },
  );
});
