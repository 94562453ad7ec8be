import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Writes the TypeScript types and the embedded schemas; `--check` only compares and fails on drift. */

type AvroType = string | AvroNode | AvroType[];
interface AvroNode {
  readonly type: AvroType;
  readonly name?: string;
  readonly doc?: string;
  readonly fields?: readonly AvroField[];
  readonly symbols?: readonly string[];
  readonly items?: AvroType;
  readonly namespace?: string;
}
interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly doc: string;
}

const root = join(fileURLToPath(import.meta.url), "..", "..");
const avroDirectory = join(root, "avro");
const HEADER = "// Generated from schemas/avro by `npm run generate`. Do not edit.\n";

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: "null",
  string: "string",
  long: "number",
  int: "number",
  double: "number",
  boolean: "boolean",
  bytes: "Uint8Array",
};

function schemaFiles(): { path: string; schema: AvroNode }[] {
  return readdirSync(avroDirectory, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".avsc") && !path.startsWith("history/"))
    .sort()
    .map((path) => ({ path, schema: JSON.parse(readFileSync(join(avroDirectory, path), "utf8")) }));
}

class TypeWriter {
  readonly declarations = new Map<string, string>();

  reference(type: AvroType): string {
    if (typeof type === "string") return PRIMITIVES[type] ?? type.split(".").at(-1) ?? type;
    if (Array.isArray(type)) return type.map((branch) => this.reference(branch)).join(" | ");
    if (type.type === "array" && type.items !== undefined) {
      const item = this.reference(type.items);
      return item.includes("|") ? `readonly (${item})[]` : `readonly ${item}[]`;
    }
    if ((type.type === "record" || type.type === "enum") && type.name !== undefined) {
      this.declare(type, type.name);
      return type.name;
    }
    return this.reference(type.type);
  }

  declare(node: AvroNode, name: string): void {
    const text =
      node.type === "enum"
        ? `/** ${node.doc} */\nexport type ${name} = ${(node.symbols ?? []).map((s) => `"${s}"`).join(" | ")};\n`
        : this.interfaceText(node, name);
    const earlier = this.declarations.get(name);
    if (earlier !== undefined && earlier !== text) {
      throw new Error(`two different Avro types are called ${name}; rename one of them`);
    }
    this.declarations.set(name, text);
  }

  private interfaceText(node: AvroNode, name: string): string {
    const fields = (node.fields ?? []).map(
      (field) => `  /** ${field.doc} */\n  readonly ${field.name}: ${this.reference(field.type)};\n`,
    );
    return `/** ${node.doc} */\nexport interface ${name} {\n${fields.join("")}}\n`;
  }
}

function render(): Map<string, string> {
  const files = schemaFiles();
  const writer = new TypeWriter();
  const byName: string[] = [];
  const values: string[] = [];
  for (const { schema } of files) {
    if (schema.name === undefined) throw new Error("an .avsc file holds no named record");
    const type = writer.reference(schema);
    const fullName = `${schema.namespace}.${schema.name}`;
    byName.push(`  "${fullName}": ${type};\n`);
    values.push(`  "${fullName}": ${JSON.stringify(schema)},\n`);
  }
  const types =
    HEADER +
    [...writer.declarations.values()].join("\n") +
    `\n/** Value type of every schema by its full name. */\nexport interface EventBySchema {\n${byName.join("")}}\n`;
  const embedded = `${HEADER}export const SCHEMAS = {\n${values.join("")}} as const;\n`;
  return new Map([
    ["events.ts", types],
    ["schemas.ts", embedded],
  ]);
}

const output = join(root, "src", "generated");
const check = process.argv.includes("--check");
mkdirSync(output, { recursive: true });
let stale = 0;
for (const [name, text] of render()) {
  const path = join(output, name);
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    process.stderr.write(`${name} is stale: run npm run generate and commit the result\n`);
    stale += 1;
  }
}
process.exitCode = stale === 0 ? 0 : 1;
