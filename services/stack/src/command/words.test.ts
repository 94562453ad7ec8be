import { describe, expect, it } from "vitest";
import { redactedAddress } from "./redact.ts";
import { ACTIONS, readWords } from "./words.ts";

describe("the command line of the stack", () => {
  it.each(Object.keys(ACTIONS))("%s --help explains itself with an example", (action) => {
    const words = readWords([action, "--help"]);
    const help = "help" in words ? words.help : "";
    expect(help).toContain(`npm run stack -- ${action}`);
    expect(help).toContain("--json");
    expect(help).toMatch(/Examples:\n {2}npm run/);
  });

  it("means all parts unless it names some", () => {
    expect(readWords(["up"])).toMatchObject({ parts: ["kafka", "registry", "postgres", "redis"] });
    expect(readWords(["up", "--only", "redis,kafka"])).toMatchObject({ parts: ["kafka", "redis"] });
    expect(readWords(["logs", "kafka"])).toMatchObject({ parts: ["kafka"], lines: 40 });
  });

  it.each([
    [["start"], /no command start/],
    [["up", "--only", "zookeeper"], /no part zookeeper; there are kafka/],
    [["up", "--brokers", "0"], /--brokers takes a whole number from 1/],
    [["up", "kafka"], /no words beside its options/],
    [["up", "--purge"], /--purge/],
    [["down", "--purge", "--only", "kafka"], /--purge removes everything/],
  ])("refuses %j and says why", (argv, reason) => {
    expect(() => readWords(argv)).toThrowError(reason);
  });
});

describe("a printed address", () => {
  it("has no password in it", () => {
    expect(redactedAddress("postgresql://amc:s3cr%40t@127.0.0.1:5432/amc")).toBe(
      "postgresql://amc:***@127.0.0.1:5432/amc",
    );
    expect(redactedAddress("redis://:secret@localhost:6379")).toBe("redis://:***@localhost:6379");
    expect(redactedAddress("127.0.0.1:9092,127.0.0.1:9093")).toBe("127.0.0.1:9092,127.0.0.1:9093");
  });
});
