import { describe, expect, it } from "vitest";
import { loadConfig, printableConfig } from "./load-config.ts";
import { RESERVED_VARIABLES, reservedWarning } from "./reserved-variables.ts";

describe("a reserved variable", () => {
  it("is told in one line when it is given, by a file too, and its value is not", () => {
    const warning = reservedWarning({
      SLACK_WEBHOOK_URL_FILE: "/run/secrets/hunter2",
      PORT: "3000",
    });
    expect(warning).toMatch(/read by nothing yet.*: SLACK_WEBHOOK_URL$/);
    expect(warning).not.toContain("hunter2");
  });

  it("is not spoken of when none is given", () => {
    expect(reservedWarning({ PORT: "3000", SLACK_WEBHOOK_URL: "" })).toBeNull();
  });

  it("is printed as reserved where it is checked already", () => {
    const printed = printableConfig(loadConfig({ SLACK_WEBHOOK_URL: "https://hunter2" }));
    expect(printed.find(({ name }) => name === "SLACK_WEBHOOK_URL")).toEqual({
      name: "SLACK_WEBHOOK_URL",
      value: "set (redacted)",
      doc: `where alerts for Slack go; reserved: ${RESERVED_VARIABLES.SLACK_WEBHOOK_URL.why}`,
    });
  });
});
