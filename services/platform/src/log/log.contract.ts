import { describe } from "vitest";
import type { LogFactory } from "./contract/fixture.ts";
import { describeAgainstModel } from "./contract/model.ts";
import { describeOwnership } from "./contract/ownership.ts";
import { describeReading } from "./contract/reading.ts";
import { describeWriting } from "./contract/writing.ts";

/** What every adapter of the log port must do; run by each of them unchanged. */
export function describeLogContract(name: string, factory: LogFactory): void {
  describe(`${name} keeps the log contract`, () => {
    describeWriting(factory);
    describeReading(factory);
    describeOwnership(factory);
    describeAgainstModel(factory);
  });
}
