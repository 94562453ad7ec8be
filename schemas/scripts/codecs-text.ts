import type { AvroNode } from "../src/avro-schema.ts";
import { EXCERPTS, type ExcerptTopic, isExcerptTopic } from "../src/excerpts.ts";
import { TOPIC_NAMES, TOPICS } from "../src/topics.ts";
import { CodecWriter } from "./codec-writer.ts";
import { addDecoder, addExcerptDecoder } from "./decoder-text.ts";
import { addEncoder } from "./encoder-text.ts";
import {
  frozenPath,
  GENERATED_HEADER,
  type ReleaseRow,
  readSchema,
  type SchemaFile,
} from "./schema-files.ts";

/** `generated/codecs.ts`: encoders of the current schemas, decoders of every released one. */
export function codecsText(
  files: readonly SchemaFile[],
  releases: readonly ReleaseRow[],
  root: string,
): string {
  const codec = new CodecWriter();
  const schemas = new Map(files.map((file) => [file.fullName, file.schema]));
  const encoders: string[] = [];
  const decoders: string[] = [];
  const excerptDecoders: string[] = [];
  for (const topic of TOPIC_NAMES) {
    const schema = schemas.get(TOPICS[topic].schema);
    if (schema?.name === undefined) throw new Error(`no .avsc file holds ${TOPICS[topic].schema}`);
    addEncoder(codec, `write${schema.name}`, schema.name, schema);
    encoders.push(`  "${topic}": write${schema.name},\n`);
    const rows = releases.filter((row) => row.topic === topic);
    const entries = rows.map((row) => decoderEntry(codec, row, schema, schema.name ?? "", root));
    decoders.push(`  "${topic}": new Map([${entries.join(", ")}]),\n`);
    const ofExcerpt = isExcerptTopic(topic)
      ? `new Map([${rows.map((row) => excerptEntry(codec, row, topic, schema, root)).join(", ")}])`
      : `DECODERS["${topic}"]`;
    excerptDecoders.push(`  "${topic}": ${ofExcerpt},\n`);
  }
  return (
    GENERATED_HEADER +
    codec.importLines() +
    `import type { ExcerptOf } from "../excerpts.ts";\n` +
    `import type { EventOf, TopicName } from "../topics.ts";\n` +
    `${codec.typeImportLine()}\n${codec.tableLines()}\n${codec.functionLines()}\n` +
    `/** Writes the newest version of each topic's value. */\n` +
    `export const ENCODERS: { readonly [T in TopicName]: (value: EventOf<T>) => void } = {\n` +
    `${encoders.join("")}};\n\n` +
    `/** Reads any released version of each topic's value, by schema id, as the newest. */\n` +
    `export const DECODERS: {\n` +
    `  readonly [T in TopicName]: ReadonlyMap<number, () => EventOf<T>>;\n` +
    `} = {\n${decoders.join("")}};\n\n` +
    `/** As \`DECODERS\`, for those who want excerpts only. */\n` +
    `export const EXCERPT_DECODERS: {\n` +
    `  readonly [T in TopicName]: ReadonlyMap<number, () => ExcerptOf<T>>;\n` +
    `} = {\n${excerptDecoders.join("")}};\n`
  );
}

/** Adds the decoder of one release and returns its row in the table of decoders. */
function decoderEntry(
  codec: CodecWriter,
  row: ReleaseRow,
  reader: AvroNode,
  type: string,
  root: string,
): string {
  const name = `read${type}V${row.version}`;
  addDecoder(codec, name, type, readSchema(frozenPath(row, root)).schema, reader);
  return `[${row.id}, ${name}]`;
}

/** As `decoderEntry`, in the table of decoders of excerpts. */
function excerptEntry(
  codec: CodecWriter,
  row: ReleaseRow,
  topic: ExcerptTopic,
  reader: AvroNode,
  root: string,
): string {
  const name = `read${reader.name}ExcerptV${row.version}`;
  const writer = readSchema(frozenPath(row, root)).schema;
  addExcerptDecoder(codec, name, `ExcerptOf<"${topic}">`, writer, reader, EXCERPTS[topic]);
  return `[${row.id}, ${name}]`;
}
