import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import yauzl from "yauzl";
import { messageOf, RecordingError } from "../errors.ts";

/** One text: a file, or a member of an archive. */
export interface TextMember {
  /** `path` or `path!member`, for errors. */
  readonly label: string;
  /** File or member name without folders. */
  readonly name: string;
  readonly chunks: AsyncIterable<string>;
}

/** A recording's largest member unpacked; more is a bomb or belongs into several files. */
const MEMBER_BYTES_MAX = 4 * 1024 ** 3;
const CHUNK_BYTES = 64 * 1024;

/**
 * The texts of a file in archive order, each read while it is consumed: `.zip` has its members,
 * `.gz` and everything else one. Throws `recording.source-unreadable`.
 */
export async function* textMembers(file: string, label: string): AsyncGenerator<TextMember> {
  if (file.toLowerCase().endsWith(".zip")) {
    yield* zipMembers(file, label);
    return;
  }
  const isGzip = file.toLowerCase().endsWith(".gz");
  const open = async (): Promise<Readable> => {
    const bytes = createReadStream(file, { highWaterMark: CHUNK_BYTES });
    return isGzip ? gunzipped(bytes) : bytes;
  };
  const name = fileName(isGzip ? file.slice(0, -".gz".length) : file);
  yield { label, name, chunks: decoded(open, label) };
}

async function* zipMembers(file: string, label: string): AsyncGenerator<TextMember> {
  let archive: Awaited<ReturnType<typeof yauzl.openPromise>>;
  try {
    archive = await yauzl.openPromise(file, { autoClose: false });
  } catch (error) {
    throw unreadable(label, error);
  }
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      const member = `${label}!${entry.fileName}`;
      if (entry.uncompressedSize > MEMBER_BYTES_MAX) {
        throw unreadable(member, new RangeError(`${entry.uncompressedSize} bytes unpacked`));
      }
      const open = (): Promise<Readable> => archive.openReadStreamPromise(entry);
      yield { label: member, name: fileName(entry.fileName), chunks: decoded(open, member) };
    }
  } catch (error) {
    throw error instanceof RecordingError ? error : unreadable(label, error);
  } finally {
    archive.close();
  }
}

/** Errors of the file must reach the reader of the unpacked bytes. */
function gunzipped(bytes: Readable): Readable {
  const unpacked = createGunzip();
  bytes.on("error", (error) => unpacked.destroy(error));
  return bytes.pipe(unpacked);
}

/**
 * Opened only when read: of an option archive with 2,000 members most are passed over. Bytes that
 * are no UTF-8 become U+FFFD, which the cells they stand in are refused for.
 */
async function* decoded(open: () => Promise<Readable>, label: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8");
  try {
    for await (const chunk of await open()) {
      const text = decoder.decode(chunk, { stream: true });
      if (text.length > 0) yield text;
    }
  } catch (error) {
    throw unreadable(label, error);
  }
  const rest = decoder.decode();
  if (rest.length > 0) yield rest;
}

function unreadable(label: string, error: unknown): RecordingError {
  const message = `cannot read ${label}: ${messageOf(error)}`;
  return new RecordingError(
    "recording.source-unreadable",
    message,
    { path: label },
    { cause: error },
  );
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
