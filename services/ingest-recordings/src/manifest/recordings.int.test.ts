import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RECORDINGS } from "../testing/fixtures.ts";
import { dataRootOf, loadManifest, manifestJsonSchema, parseManifest } from "./load-manifest.ts";

const SCHEMA_FILE = "manifest.schema.json";
const manifests = readdirSync(RECORDINGS).filter(
  (name) => name.endsWith(".json") && name !== SCHEMA_FILE,
);

describe("infra/recordings", () => {
  it.each(manifests)("%s is valid, and its name is its file name", async (file) => {
    const manifest = await loadManifest(join(RECORDINGS, file));
    expect(`${manifest.name}.json`).toBe(file);
  });

  it("has a JSON Schema that is up to date (npm run generate)", () => {
    const written: unknown = JSON.parse(readFileSync(join(RECORDINGS, SCHEMA_FILE), "utf8"));
    expect(written).toEqual(manifestJsonSchema());
  });

  it("explains every field of the manifest in its README", () => {
    const readme = readFileSync(join(RECORDINGS, "README.md"), "utf8");
    const unexplained = [...fieldNames(manifestJsonSchema())].filter(
      (name) => !readme.includes(`\`${name}\``),
    );
    expect(unexplained).toEqual([]);
  });

  it("shows an example in its README that is valid", () => {
    const readme = readFileSync(join(RECORDINGS, "README.md"), "utf8");
    const example = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    expect(parseManifest(JSON.parse(example)).sources.length).toBeGreaterThan(1);
  });

  it("finds the built-in figures beside its manifest and all others below the data root", async () => {
    const path = join(RECORDINGS, "built-in.json");
    const builtIn = await loadManifest(path);
    expect(dataRootOf(builtIn, path, "elsewhere")).toBe(RECORDINGS);
    const gmePath = join(RECORDINGS, "gme-2021.json");
    expect(dataRootOf(await loadManifest(gmePath), gmePath, "elsewhere")).toBe("elsewhere");
  });

  it("reports a manifest that is not there or not JSON", async () => {
    await expect(loadManifest(join(RECORDINGS, "none.json"))).rejects.toMatchObject({
      code: "recording.manifest-unreadable",
    });
    await expect(loadManifest(join(RECORDINGS, "README.md"))).rejects.toMatchObject({
      code: "recording.manifest-unreadable",
    });
  });
});

/** Names of all properties anywhere in a JSON Schema. */
function* fieldNames(schema: unknown): Generator<string> {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties" && typeof value === "object" && value !== null)
      yield* Object.keys(value);
    yield* fieldNames(value);
  }
}
