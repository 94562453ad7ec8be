import { ConfigError } from "@amc/platform/config/config-error";
import { LogError, type LogErrorCode } from "@amc/platform/log/errors";
import { PostgresError } from "@amc/platform/postgres/errors";
import { ApiConfigError, ApiListenError } from "@amc/query-api/api-error";
import { StateError, type StateErrorCode } from "@amc/streams/kernel/state-error";
import { describe, expect, it } from "vitest";
import { endOf } from "./command-end.ts";
import { CommandError } from "./exit-codes.ts";

const listenFacts = { host: "127.0.0.1", port: 3000, reason: "EADDRINUSE" };
const log = (code: LogErrorCode) => new LogError(code, "What is wrong");

describe("the end of a command that threw", () => {
  it.each([
    ["words of ours", new CommandError(64, "What is wrong"), 64, "What is wrong"],
    [
      "a wrong variable",
      new ConfigError([{ variable: "PORT", message: "use a whole number" }]),
      78,
      "the configuration has 1 problem(s):\n  PORT: use a whole number",
    ],
    [
      "an API that others could reach without a key",
      new ApiConfigError("api.keys-required", "What is wrong"),
      78,
      "What is wrong [api.keys-required]",
    ],
    [
      "a port in use",
      new ApiListenError("What is wrong", listenFacts),
      69,
      "What is wrong [api.cannot-listen]",
    ],
    [
      "a database that is away",
      new PostgresError("postgres.cannot-connect", "What is wrong"),
      69,
      "What is wrong [postgres.cannot-connect]",
    ],
    ["another writer", log("log.locked"), 69, "What is wrong [log.locked]"],
    ["a full disk", log("log.disk-full"), 69, "What is wrong [log.disk-full]"],
    ["a log of another version", log("log.format"), 66, "What is wrong [log.format]"],
    ["no log", log("log.cannot-open"), 66, "What is wrong [log.cannot-open]"],
    ["damage", log("log.corrupt"), 70, "What is wrong [log.corrupt]"],
    ["a lost lease", log("log.fenced"), 70, "What is wrong [log.fenced]"],
    ["a write that failed", log("log.stopped"), 70, "What is wrong [log.stopped]"],
  ])("tells of %s without a stack, by the code of the error", (_, error, exitCode, message) => {
    expect(endOf(error)).toEqual({ exitCode, text: `amc: ${message}\n` });
  });

  it.each([
    ["state.format", 66],
    ["state.unknown-store", 66],
    ["state.unreadable", 70],
  ] as const satisfies readonly (readonly [StateErrorCode, number])[])(
    "says of %s in one line what the operator does, with exit code %i",
    (code, exitCode) => {
      const at = { stage: "features", store: "features.window", key: "GME" };
      const end = endOf(new StateError(code, "What is wrong", at));
      expect(end.exitCode).toBe(exitCode);
      expect(end.text).toMatch(
        /^amc: What is wrong \[state\.[a-z-]+\]: go on with the version that wrote it, or play .+\n$/,
      );
    },
  );

  it.each([
    ["an error of nobody's", new TypeError("What is wrong"), "amc: stopped: TypeError: "],
    [
      "a mistake of ours against the log",
      new LogError("log.invalid-commit", "What is wrong", { topic: "a" }),
      "amc: stopped [log.invalid-commit]: LogError: ",
    ],
  ])("shows for %s where it broke, and the facts", (_, error, beginning) => {
    const { exitCode, text } = endOf(error);
    expect(exitCode).toBe(70);
    expect(text.startsWith(`${beginning}What is wrong\n    at `)).toBe(true);
    expect(text.endsWith('  {"topic":"a"}\n')).toBe(error instanceof LogError);
  });

  it("is 70 also when what was thrown is no error", () => {
    expect(endOf("What is wrong")).toEqual({
      exitCode: 70,
      text: "amc: stopped: What is wrong\n",
    });
  });
});
