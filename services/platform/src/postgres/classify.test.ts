import { describe, expect, it } from "vitest";
import { classifyPostgresFailure, isOutage } from "./classify.ts";

function withCode(code: string): Error {
  return Object.assign(new Error("from the server"), { code });
}

describe("the table of Postgres failures", () => {
  it.each([
    ["40001", "serialization failure"],
    ["40P01", "deadlock"],
    ["53100", "disk full"],
    ["53300", "too many connections"],
    ["55P03", "lock not available"],
    ["57014", "statement timeout"],
    ["57P01", "administrator shuts down"],
    ["57P03", "server is starting"],
    ["08006", "connection failure"],
    ["ECONNREFUSED", "no server"],
    ["ENOENT", "no socket"],
    ["EPIPE", "connection closed"],
  ])("waits and tries again after %s (%s)", (code) => {
    expect(classifyPostgresFailure(withCode(code))).toBe("transient");
  });

  it.each([
    ["22003", "number out of range"],
    ["22021", "character not in the repertoire"],
    ["22P05", "untranslatable character"],
    ["23505", "unique violation"],
    ["54000", "too large for an index"],
  ])("gives up on the row after %s (%s)", (code) => {
    expect(classifyPostgresFailure(withCode(code))).toBe("poison");
  });

  it.each([
    ["28P01", "wrong password"],
    ["3D000", "no such database"],
    ["42501", "no right"],
    ["42P01", "no such table"],
    ["58030", "input/output error"],
    ["XX001", "damaged data"],
  ])("stops after %s (%s)", (code) => {
    expect(classifyPostgresFailure(withCode(code))).toBe("fatal");
  });

  it("stops after an error that nobody has classified", () => {
    expect(classifyPostgresFailure(new Error("what is this"))).toBe("fatal");
    expect(classifyPostgresFailure("not even an error")).toBe("fatal");
  });
});

describe("an outage", () => {
  it.each([
    ["57P01", "administrator shuts down"],
    ["57P03", "server is starting"],
    ["53100", "disk full"],
    ["53300", "too many connections"],
    ["08006", "connection failure"],
    ["ECONNREFUSED", "no server"],
    ["ENOENT", "no socket"],
  ])("is %s (%s): the server serves nobody", (code) => {
    expect(isOutage(withCode(code))).toBe(true);
  });

  it.each([
    ["40001", "serialization failure"],
    ["40P01", "deadlock"],
    ["55P03", "lock not available"],
    ["57014", "statement timeout"],
    ["25P03", "our transaction idled"],
    ["57P05", "our session idled"],
    ["42P01", "no such table"],
  ])("is not %s (%s): the server answers", (code) => {
    expect(isOutage(withCode(code))).toBe(false);
  });
});
