import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RELEASES } from "../src/generated/releases.ts";
import { SCHEMAS_ROOT } from "./schema-files.ts";

/**
 * The life of a schema, played through in a copy of the folder with the real commands: a change is
 * checked, frozen, generated, and bytes of the old version are read as the new type.
 */

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "amc-schemas-"));
  for (const part of ["avro", "src", "package.json"]) {
    cpSync(join(SCHEMAS_ROOT, part), join(root, part), { recursive: true });
  }
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

interface EditableField {
  name: string;
  type: unknown;
  doc: string;
  default?: unknown;
}

interface EditableSchema {
  fields: EditableField[];
}

const HALT = "avro/market/Halt.avsc";

function edit(path: string, change: (schema: EditableSchema) => void): void {
  const schema: EditableSchema = JSON.parse(readFileSync(join(root, path), "utf8"));
  change(schema);
  writeFileSync(join(root, path), `${JSON.stringify(schema, null, 2)}\n`);
}

function field(schema: EditableSchema, name: string): EditableField {
  const found = schema.fields.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
}

function run(script: string): { status: number | null; stderr: string } {
  const path = join(SCHEMAS_ROOT, "scripts", script);
  const { status, stderr } = spawnSync(process.execPath, [path, "--root", root], {
    encoding: "utf8",
  });
  return { status, stderr };
}

/** What the copy's own codec makes of bytes, in a process of its own. */
function decodeInCopy(topic: string, hex: string): unknown {
  const program = `
    const { decodeEvent, encodeEvent } = await import(process.argv[1]);
    const decoded = decodeEvent(process.argv[2], Buffer.from(process.argv[3], "hex"));
    const again = decoded.ok ? encodeEvent(process.argv[2], decoded.value) : new Uint8Array();
    process.stdout.write(JSON.stringify({ decoded, again: Buffer.from(again).toString("hex") }));
  `;
  const codec = join(root, "src", "codec.ts");
  const args = ["--input-type=module", "--eval", program, codec, topic, hex];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

function golden(name: string): { hex: string; value: Record<string, unknown> } {
  const text = readFileSync(join(root, "avro", "history", `${name}.golden.json`), "utf8");
  return JSON.parse(text).events[0];
}

describe("a compatible change", () => {
  beforeEach(() => {
    edit(HALT, (schema) => {
      // A new field, a renamed order, a wider type, a nullable one, an enum that grew, one lost.
      schema.fields.reverse();
      schema.fields.push({
        name: "market",
        type: "string",
        doc: "Market that halted",
        default: "XNYS",
      });
      field(schema, "capturedAt").type = "double";
      field(schema, "confidence").type = ["null", "double"];
      field(schema, "confidence").default = null;
      field(schema, "status").type = {
        type: "enum",
        name: "HaltStatus",
        doc: "State of trading",
        symbols: ["UNKNOWN", "HALTED"],
        default: "UNKNOWN",
      };
      schema.fields = schema.fields.filter(({ name }) => name !== "stale");
    });
  });

  it("is refused until it is released", () => {
    expect(run("generate.ts")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("market.halt.v1 differs from its newest release"),
    });
    expect(run("check-compatibility.ts")).toEqual({
      status: 1,
      stderr:
        "market.halt.v1: differs from version 1, its newest release; run schemas/scripts/freeze.ts\n",
    });
  });

  it("reads the old bytes as the new type once it is released, and writes under a new id", () => {
    const old = golden("amc.market.Halt.v1");
    expect(run("freeze.ts")).toEqual({ status: 0, stderr: "" });
    expect(run("generate.ts")).toEqual({ status: 0, stderr: "" });
    expect(run("check-compatibility.ts")).toEqual({ status: 0, stderr: "" });

    const { stale: _, ...kept } = old.value;
    const status = kept.status === "HALTED" ? "HALTED" : "UNKNOWN";
    const value = { ...kept, status, market: "XNYS" };
    const result = decodeInCopy("market.halt.v1", old.hex);
    expect(result).toMatchObject({ decoded: { ok: true, value } });

    // Version 2 of this topic gets the id after all that were given out before.
    const { again } = JSON.parse(JSON.stringify(result));
    const next = Math.max(...RELEASES.map(({ id }) => id)) + 1;
    expect(again.slice(0, 10)).toBe(next.toString(16).padStart(10, "0"));
    expect(decodeInCopy("market.halt.v1", again)).toMatchObject({ decoded: { ok: true, value } });
    const fresh = golden("amc.market.Halt.v2");
    expect(decodeInCopy("market.halt.v1", fresh.hex)).toEqual({
      decoded: { ok: true, value: fresh.value },
      again: fresh.hex,
    });
  });
});

describe("a change of words", () => {
  it("is generated without a new version, and is part of the next one", () => {
    edit(HALT, (schema) => {
      field(schema, "reason").doc = "Other words";
    });
    const frozen = readFileSync(join(root, "avro/history/amc.market.Halt.v1.avsc"), "utf8");
    const codecs = readFileSync(join(root, "src/generated/codecs.ts"), "utf8");
    expect(run("check-compatibility.ts")).toEqual({ status: 0, stderr: "" });
    expect(run("generate.ts")).toEqual({ status: 0, stderr: "" });
    expect(run("freeze.ts")).toEqual({ status: 0, stderr: "" });
    expect(readdirSync(join(root, "avro/history"))).not.toContain("amc.market.Halt.v2.avsc");
    expect(readFileSync(join(root, "avro/history/amc.market.Halt.v1.avsc"), "utf8")).toBe(frozen);
    expect(readFileSync(join(root, "src/generated/codecs.ts"), "utf8")).toBe(codecs);
    expect(readFileSync(join(root, "src/generated/events.ts"), "utf8")).toContain("Other words");
    const old = golden("amc.market.Halt.v1");
    expect(decodeInCopy("market.halt.v1", old.hex)).toMatchObject({ again: old.hex });

    edit(HALT, (schema) => {
      schema.fields.push({ name: "market", type: "string", doc: "Market", default: "XNYS" });
    });
    expect(run("freeze.ts")).toEqual({ status: 0, stderr: "" });
    expect(readFileSync(join(root, "avro/history/amc.market.Halt.v2.avsc"), "utf8")).toContain(
      "Other words",
    );
  });
});

describe("the compatibility check", () => {
  it.each<[string, string, (schema: EditableSchema) => void, string]>([
    [
      "a new field without default",
      HALT,
      (schema) => schema.fields.push({ name: "market", type: "string", doc: "Market" }),
      "amc.market.Halt cannot read its version 1: market is new and has no default",
    ],
    [
      "a type that changed",
      HALT,
      (schema) => {
        field(schema, "source").type = "long";
      },
      'amc.market.Halt cannot read its version 1: source was "string" and cannot be read as "long"',
    ],
    [
      "a type that narrowed",
      HALT,
      (schema) => {
        field(schema, "happenedAt").type = "int";
      },
      'amc.market.Halt cannot read its version 1: happenedAt was "long" and cannot be read as "int"',
    ],
    [
      "a field that may no longer be null",
      HALT,
      (schema) => {
        field(schema, "reason").type = "string";
      },
      "amc.market.Halt cannot read its version 1: reason may no longer be null",
    ],
    [
      "a symbol lost without default",
      HALT,
      (schema) => {
        field(schema, "status").type = {
          type: "enum",
          name: "HaltStatus",
          doc: "State",
          symbols: ["HALTED"],
        };
      },
      "amc.market.Halt cannot read its version 1: status lost the symbol RESUMED and has no default",
    ],
    [
      "a change deep inside an array",
      "avro/ops/Clock.avsc",
      (schema) => {
        field(schema, "cuts").type = {
          type: "array",
          maxItems: 64,
          items: {
            type: "record",
            name: "Cut",
            doc: "End",
            fields: [
              { name: "topic", type: "string", doc: "Topic" },
              { name: "endOffset", type: "string", doc: "Offset" },
            ],
          },
        };
      },
      'amc.ops.Clock cannot read its version 1: cuts.endOffset was "long" and cannot be read as "string"',
    ],
    [
      "a field without doc",
      HALT,
      (schema) => {
        field(schema, "source").doc = " ";
      },
      "amc.market.Halt.source: has no doc",
    ],
    [
      "a map",
      HALT,
      (schema) =>
        schema.fields.push({
          name: "extra",
          type: { type: "map", values: "string" },
          doc: "Anything",
          default: {},
        }),
      "amc.market.Halt.extra: maps are not allowed",
    ],
    [
      "an array without cap",
      HALT,
      (schema) =>
        schema.fields.push({
          name: "codes",
          type: { type: "array", items: "string" },
          doc: "Codes",
          default: [],
        }),
      'amc.market.Halt.codes: needs "maxItems" of 1 to 10000',
    ],
    [
      "a cap that shrank",
      "avro/ops/Clock.avsc",
      (schema) => {
        const cuts = field(schema, "cuts");
        cuts.type = JSON.parse(JSON.stringify(cuts.type).replace('"maxItems":64', '"maxItems":8'));
      },
      "amc.ops.Clock.cuts: maxItems fell from 64 to 8",
    ],
  ])("names %s and fails", (_, path, change, expected) => {
    edit(path, change);
    const { status, stderr } = run("check-compatibility.ts");
    expect(status).toBe(1);
    expect(stderr).toContain(expected);
  });

  it("notices history that was edited, lost or slipped in", () => {
    const history = join(root, "avro", "history");
    writeFileSync(
      join(history, "amc.market.Halt.v1.avsc"),
      `${readFileSync(join(root, HALT), "utf8")} `,
    );
    rmSync(join(history, "amc.market.News.v1.avsc"));
    writeFileSync(join(history, "amc.market.News.v9.avsc"), "{}");
    const { status, stderr } = run("check-compatibility.ts");
    expect(status).toBe(1);
    expect(stderr).toContain("history/amc.market.Halt.v1.avsc: was changed after its release");
    expect(stderr).toContain("history/amc.market.News.v1.avsc: is missing");
    expect(stderr).toContain("history/amc.market.News.v9.avsc: is not in releases.json");
  });

  it("passes on the schemas of this commit", () => {
    expect(run("check-compatibility.ts")).toEqual({ status: 0, stderr: "" });
  });
});
