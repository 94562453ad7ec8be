import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import avro from "avsc";
import type { AvroNode, AvroSchema } from "../src/avro-schema.ts";
import { MESSAGE_ITEMS_MAX } from "../src/limits.ts";
import { TOPIC_NAMES, TOPICS } from "../src/topics.ts";
import { CodecWriter } from "./codec-writer.ts";
import { addDecoder } from "./decoder-text.ts";
import {
  currentSchemas,
  frozenPath,
  newestRelease,
  type ReleaseRow,
  readSchema,
  releaseListPath,
  releaseRows,
  SCHEMAS_ROOT,
  type SchemaFile,
  sameSchema,
  sha256,
} from "./schema-files.ts";

/** Every broken rule as one line that names the schema and the field; an empty list is good. */
export function compatibilityProblems(root = SCHEMAS_ROOT): string[] {
  const rows = releaseRows(root);
  const files = currentSchemas(root);
  return [
    ...files.flatMap((file) => shapeProblems(file.schema, file.fullName)),
    ...listProblems(rows),
    ...frozenProblems(rows, root),
    ...TOPIC_NAMES.flatMap((topic) =>
      topicProblems(topic, TOPICS[topic].schema, rows, files, root),
    ),
  ];
}

/** Rules of one schema: docs everywhere, no maps, arrays capped, what may be null defaults to null. */
function shapeProblems(schema: AvroSchema, path: string): string[] {
  if (typeof schema === "string") return [];
  if (!("type" in schema)) return schema.flatMap((branch) => shapeProblems(branch, path));
  if (schema.type === "map") return [`${path}: maps are not allowed, use an array of records`];
  if (schema.type === "array") return arrayProblems(schema, path);
  if (schema.type === "enum") return docProblems(schema, path);
  if (schema.type !== "record") return shapeProblems(schema.type, path);
  const fields = (schema.fields ?? []).flatMap((field) => {
    const at = `${path}.${field.name}`;
    const problems = [...docProblems(field, at), ...shapeProblems(field.type, at)];
    const isNullable = Array.isArray(field.type) && field.type.includes("null");
    if (isNullable && field.default !== null) problems.push(`${at}: needs "default": null`);
    return problems;
  });
  return [...docProblems(schema, path), ...fields];
}

function docProblems(node: { readonly doc?: string }, path: string): string[] {
  return node.doc === undefined || node.doc.trim() === "" ? [`${path}: has no doc`] : [];
}

function arrayProblems(node: AvroNode, path: string): string[] {
  const { maxItems = 0 } = node;
  const problems = shapeProblems(node.items ?? "", path);
  if (!(Number.isInteger(maxItems) && maxItems > 0 && maxItems <= MESSAGE_ITEMS_MAX)) {
    problems.push(`${path}: needs "maxItems" of 1 to ${MESSAGE_ITEMS_MAX}`);
  }
  return problems;
}

/** Ids are given once, in order; the versions of a topic follow one another without a gap. */
function listProblems(rows: readonly ReleaseRow[]): string[] {
  return rows.flatMap((row, index) => {
    const earlier = rows.slice(0, index);
    const version = earlier.filter((other) => other.topic === row.topic).length + 1;
    const problems: string[] = [];
    if (row.id !== index + 1) problems.push(`${row.topic}: id ${row.id} should be ${index + 1}`);
    if (row.version !== version) {
      problems.push(`${row.topic}: version ${row.version} should be ${version}`);
    }
    return problems;
  });
}

/** A frozen file is never edited, added by hand or removed. */
function frozenProblems(rows: readonly ReleaseRow[], root: string): string[] {
  const listed = new Set(rows.map((row) => basename(frozenPath(row, root))));
  const strangers = readdirSync(dirname(releaseListPath(root)))
    .filter((name) => name.endsWith(".avsc") && !listed.has(name))
    .map((name) => `history/${name}: is not in releases.json`);
  const changed = rows.flatMap((row) => {
    const path = frozenPath(row, root);
    const name = `history/${basename(path)}`;
    if (!existsSync(path)) return [`${name}: is missing`];
    if (sha256(readFileSync(path, "utf8")) === row.sha256) return [];
    return [`${name}: was changed after its release; restore it and release a new version`];
  });
  return [...strangers, ...changed];
}

function topicProblems(
  topic: string,
  fullName: string,
  rows: readonly ReleaseRow[],
  files: readonly SchemaFile[],
  root: string,
): string[] {
  const current = files.find((file) => file.fullName === fullName)?.schema;
  if (current === undefined) return [`${topic}: no .avsc file holds ${fullName}`];
  const newest = newestRelease(rows, topic);
  if (newest === undefined) return [`${topic}: was never released, run schemas/scripts/freeze.ts`];
  const problems = rows
    .filter((row) => row.topic === topic && existsSync(frozenPath(row, root)))
    .flatMap((row) => readProblems(row, readSchema(frozenPath(row, root)).schema, current));
  const frozen = frozenPath(newest, root);
  if (existsSync(frozen) && !sameSchema(readSchema(frozen).schema, current)) {
    problems.push(
      `${topic}: differs from version ${newest.version}, its newest release; run schemas/scripts/freeze.ts`,
    );
  }
  return problems;
}

/** BACKWARD_TRANSITIVE: today's reader takes what any released writer wrote. */
function readProblems(row: ReleaseRow, writer: AvroNode, reader: AvroNode): string[] {
  const name = `${row.schema} cannot read its version ${row.version}`;
  const ours = failureOf(() => addDecoder(new CodecWriter(), "read", "Value", writer, reader));
  if (ours !== null) return [`${name}: ${ours}`];
  // A second opinion, so that other languages can read what our generator can.
  const theirs = failureOf(() => typeOf(reader).createResolver(typeOf(writer)));
  if (theirs !== null) return [`${name}: ${theirs}`];
  return shrunkenArrays(writer, reader, row.schema);
}

function typeOf(schema: AvroNode): avro.Type {
  return avro.Type.forSchema(JSON.parse(JSON.stringify(schema)));
}

function failureOf(attempt: () => unknown): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A cap may only grow: what was within it once must stay writable. */
function shrunkenArrays(writer: AvroNode, reader: AvroNode, path: string): string[] {
  const now = new Map((reader.fields ?? []).map((field) => [field.name, field.type]));
  return (writer.fields ?? []).flatMap((field) => {
    const then = field.type;
    const today = now.get(field.name);
    if (!isArray(then) || !isArray(today)) return [];
    const { maxItems: before = 0 } = then;
    const { maxItems: after = 0 } = today;
    return after < before
      ? [`${path}.${field.name}: maxItems fell from ${before} to ${after}`]
      : [];
  });
}

function isArray(schema: AvroSchema | undefined): schema is AvroNode {
  return typeof schema === "object" && "type" in schema && schema.type === "array";
}
