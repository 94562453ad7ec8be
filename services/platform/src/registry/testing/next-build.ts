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

/** One topic's value as a later build would have it, released by the real commands. */
export class NextBuild {
  readonly #root = mkdtempSync(join(tmpdir(), "amc-next-build-"));

  /** `path` below `avro/`; `change` gets the parsed schema. */
  constructor(path: string, change: (schema: { fields: unknown[] }) => void) {
    for (const part of ["avro", "src", "package.json"]) {
      cpSync(join(SCHEMAS, part), join(this.#root, part), { recursive: true });
    }
    const file = join(this.#root, "avro", path);
    const schema: { fields: unknown[] } = JSON.parse(readFileSync(file, "utf8"));
    change(schema);
    writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
    for (const script of ["freeze.ts", "generate.ts", "check-compatibility.ts"]) {
      const command = join(SCHEMAS, "scripts", script);
      execFileSync(process.execPath, [command, "--root", this.#root], { encoding: "utf8" });
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
