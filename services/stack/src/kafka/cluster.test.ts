import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome, type StackHome, stackHome } from "../home.ts";
import { newClusterId, openCluster } from "./cluster.ts";

let home: StackHome;

beforeEach(() => {
  home = stackHome(mkdtempSync(join(tmpdir(), "amc-cluster-")));
  makeHome(home);
});

afterEach(() => {
  rmSync(home.root, { recursive: true });
});

describe("the id of a new cluster", () => {
  it("never begins with a hyphen, which Kafka's storage tool refused as an option", () => {
    // 0xf8 gives "-" as the first character of URL-safe base 64, 0x00 gives "A".
    const draws = [Buffer.alloc(16, 0xf8), Buffer.alloc(16, 0xf8), Buffer.alloc(16, 0)];
    expect(draws[0]?.toString("base64url")).toMatch(/^-/);
    expect(newClusterId(() => draws.shift() ?? Buffer.alloc(16, 0))).toBe("A".repeat(22));
  });
});

describe("the cluster of a home", () => {
  it("keeps its id and its number of brokers", () => {
    const made = openCluster(home, 3);
    expect(made.brokers).toBe(3);
    expect(openCluster(home, undefined)).toEqual(made);
    expect(openCluster(home, 3)).toEqual(made);
  });

  it("has one broker when nobody asks for more", () => {
    expect(openCluster(home, undefined)).toMatchObject({ brokers: 1 });
  });

  it("does not become one of another size without its data going", () => {
    openCluster(home, 3);
    expect(() => openCluster(home, 1)).toThrowError(
      expect.objectContaining({
        code: "stack.cluster-changed",
        facts: expect.objectContaining({ brokers: 3 }),
      }),
    );
  });
});
