import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";

const WRITTEN = new URL("../../../../infra/kafka/acls.sh", import.meta.url);

describe("amc topics acls", () => {
  it("prints the script that lies in infra/kafka, which the tables of topics and groups decide", async () => {
    const { stdout, exitCode } = await runCommand(["topics", "acls"]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(readFileSync(WRITTEN, "utf8"));
  });

  it("prints a grant per line for programs, under the prefix of an installation", async () => {
    const result = await runCommand(["topics", "acls", "--json", "--prefix", "blue."]);
    expect(jsonLines(result)).toContainEqual({
      type: "grant",
      principal: "amc-alert-sender",
      role: "alert-sender",
      resource: "topic",
      pattern: "literal",
      operations: ["Read"],
      names: ["blue.alerts.requested.v1", "blue.ops.clock.v1"],
    });
  });
});
