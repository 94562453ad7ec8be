/** Collects the TypeScript of encoders and decoders, with the imports and tables they share. */
export class CodecWriter {
  private readonly functions: string[] = [];
  private readonly types = new Set<string>();
  /** Hoisted symbol tables by their text, so that versions and topics share them. */
  private readonly tables = new Map<string, string>();
  private readonly imports = new Map<string, Set<string>>();

  /** A function, and the type of `events.ts` that it takes or returns. */
  addFunction(type: string | null, text: string): void {
    if (type !== null) this.types.add(type);
    this.functions.push(text);
  }

  functionLines(): string {
    return this.functions.join("\n");
  }

  typeImportLine(): string {
    return `import type { ${[...this.types].sort().join(", ")} } from "./events.ts";\n`;
  }

  importLines(): string {
    return [...this.imports]
      .map(([file, names]) => `import { ${[...names].sort().join(", ")} } from "${file}";\n`)
      .join("");
  }

  tableLines(): string {
    return [...this.tables].map(([text, name]) => `const ${name} = ${text} as const;\n`).join("");
  }

  use(file: "reader" | "writer", name: string): string {
    const path = `../avro-${file}.ts`;
    const names = this.imports.get(path) ?? new Set();
    this.imports.set(path, names.add(name));
    return name;
  }

  /** A constant of these texts, named after what they are. */
  table(subject: string, texts: readonly string[]): string {
    const text = `[${texts.map((one) => `"${one}"`).join(", ")}]`;
    const known = this.tables.get(text);
    if (known !== undefined) return known;
    const base = subject.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
    const taken = [...this.tables.values()].filter((name) => name.replace(/_V\d+$/, "") === base);
    const name = taken.length === 0 ? base : `${base}_V${taken.length + 1}`;
    this.tables.set(text, name);
    return name;
  }
}
