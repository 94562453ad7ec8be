import type { AvroNode, AvroSchema } from "../src/avro-schema.ts";

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: "null",
  string: "string",
  long: "number",
  int: "number",
  double: "number",
  boolean: "boolean",
};

/** Turns Avro records and enums into TypeScript declarations, each once and by its simple name. */
export class TypeScriptWriter {
  readonly declarations = new Map<string, string>();

  /** TypeScript for a type, declaring what it names on the way. */
  reference(schema: AvroSchema): string {
    if (typeof schema === "string") {
      return PRIMITIVES[schema] ?? schema.split(".").at(-1) ?? schema;
    }
    if (!("type" in schema)) return schema.map((branch) => this.reference(branch)).join(" | ");
    if (schema.type === "array" && schema.items !== undefined) {
      const item = this.reference(schema.items);
      return item.includes("|") ? `readonly (${item})[]` : `readonly ${item}[]`;
    }
    if ((schema.type === "record" || schema.type === "enum") && schema.name !== undefined) {
      this.addDeclaration(schema, schema.name);
      return schema.name;
    }
    return this.reference(schema.type);
  }

  private addDeclaration(node: AvroNode, name: string): void {
    const text = node.type === "enum" ? enumText(node, name) : this.interfaceText(node, name);
    const earlier = this.declarations.get(name);
    if (earlier !== undefined && earlier !== text) {
      throw new Error(`two different Avro types are called ${name}; rename one of them`);
    }
    this.declarations.set(name, text);
  }

  private interfaceText(node: AvroNode, name: string): string {
    const fields = (node.fields ?? []).map(
      (field) =>
        `  /** ${field.doc} */\n  readonly ${field.name}: ${this.reference(field.type)};\n`,
    );
    return `/** ${node.doc} */\nexport interface ${name} {\n${fields.join("")}}\n`;
  }
}

function enumText(node: AvroNode, name: string): string {
  const symbols = (node.symbols ?? []).map((symbol) => `"${symbol}"`).join(" | ");
  return `/** ${node.doc} */\nexport type ${name} = ${symbols};\n`;
}
