import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const SCHEMAS = dirname(dirname(fileURLToPath(import.meta.resolve("@amc/schemas/codec"))));
const RELEASES = z.array(
  z.object({ id: z.number(), topic: z.string(), version: z.number(), schema: z.string() }),
);

/** Gets a parsed schema and changes it. */
export type SchemaChange = (schema: { fields: unknown[] }) => void;

/** The folder of this build's schemas in a place of its own, as far as a build needs it. */
export function schemasCopy(): string {
  const root = mkdtempSync(join(tmpdir(), "amc-next-build-"));
  for (const part of ["avro", "src", "package.json"]) {
    cpSync(join(SCHEMAS, part), join(root, part), { recursive: true });
  }
  return root;
}

/** Schemas as a later build would have them, released by the real commands. */
export class NextBuild {
  readonly #root: string;

  /** `root` is a copy of the schemas' folder; changes are by path below its `avro/`. */
  constructor(root: string, changes: Readonly<Record<string, SchemaChange>>) {
    this.#root = root;
    for (const [path, change] of Object.entries(changes)) {
      const file = join(root, "avro", path);
      const schema: { fields: unknown[] } = JSON.parse(readFileSync(file, "utf8"));
      change(schema);
      writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
    }
    for (const script of ["freeze.ts", "generate.ts", "check-compatibility.ts"]) {
      const command = join(SCHEMAS, "scripts", script);
      execFileSync(process.execPath, [command, "--root", root], { encoding: "utf8" });
    }
  }

  /** Its newest release of a topic. */
  newestOf(topic: string): {
    readonly id: number;
    readonly version: number;
    readonly text: string;
  } {
    const history = join(this.#root, "avro", "history");
    const rows = RELEASES.parse(JSON.parse(readFileSync(join(history, "releases.json"), "utf8")));
    const newest = rows.findLast((row) => row.topic === topic);
    if (newest === undefined) throw new Error(`${topic} has no release`);
    const { id, version, schema } = newest;
    return { id, version, text: readFileSync(join(history, `${schema}.v${version}.avsc`), "utf8") };
  }

  /** The first golden event of a release: its bytes and its value. */
  golden(name: string): { readonly bytes: Buffer; readonly value: Record<string, unknown> } {
    const path = join(this.#root, "avro", "history", `${name}.golden.json`);
    const { events } = JSON.parse(readFileSync(path, "utf8"));
    return { bytes: Buffer.from(events[0].hex, "hex"), value: events[0].value };
  }

  /** What its own codec reads from bytes, in a process of its own. */
  decode(topic: string, bytes: Uint8Array): unknown {
    const program = `
      const { decodeEvent } = await import(process.argv[1]);
      const decoded = decodeEvent(process.argv[2], Buffer.from(process.argv[3], "hex"));
      process.stdout.write(JSON.stringify(decoded));`;
    const codec = join(this.#root, "src", "codec.ts");
    const hex = Buffer.from(bytes).toString("hex");
    const words = ["--input-type=module", "--eval", program, codec, topic, hex];
    return JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" }));
  }

  dispose(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
