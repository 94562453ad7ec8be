import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import avro from "avsc";
import fc from "fast-check";
import type { AvroNode } from "../src/avro-schema.ts";
import { PLAUSIBLE } from "../src/testing/arbitrary-event.ts";
import { arbitraryRecord } from "../src/testing/arbitrary-value.ts";
import type { ReleaseRow } from "./schema-files.ts";

/** Bytes of a released version, kept for ever: what was written once must stay readable. */
export interface GoldenFile {
  readonly topic: string;
  readonly schemaId: number;
  /** Values as their writer had them, with the bytes that avsc made of them. */
  readonly events: readonly { readonly hex: string; readonly value: unknown }[];
}

const EVENTS = 3;

function goldenPath(row: Pick<ReleaseRow, "schema" | "version">, root: string): string {
  return join(root, "avro", "history", `${row.schema}.v${row.version}.golden.json`);
}

/** Writes the golden bytes of a release unless it has some; they come from avsc and not from us. */
export function writeGolden(row: ReleaseRow, schema: AvroNode, root: string): void {
  const path = goldenPath(row, root);
  if (existsSync(path)) return;
  const type = avro.Type.forSchema(JSON.parse(JSON.stringify(schema)));
  const envelope = Buffer.alloc(5);
  envelope.writeInt32BE(row.id, 1);
  const values = arbitraryRecord(schema, PLAUSIBLE);
  const events = fc.sample(values, { numRuns: EVENTS, seed: row.id }).map((value) => ({
    hex: Buffer.concat([envelope, type.toBuffer(value)]).toString("hex"),
    value,
  }));
  const golden: GoldenFile = { topic: row.topic, schemaId: row.id, events };
  writeFileSync(path, `${JSON.stringify(golden, null, 2)}\n`, { flag: "wx" });
}
