import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { StackError } from "../errors.ts";
import { type Artefact, artefactPath, artefactUrl, totalBytes } from "./artefact.ts";

export interface FetchProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface FetchOptions {
  readonly repository: string;
  readonly cache: string;
  readonly onProgress: (progress: FetchProgress) => void;
}

const AT_ONCE = 6;
const TRIES = 3;
const FIRST_RETRY_MS = 500;
/** Of silence: a large file on a slow line may take as long as it likes while bytes come. */
const SILENCE_MS = 30_000;

/** Those that are not in the cache, or are there with another content. */
export async function missingArtefacts(
  artefacts: readonly Artefact[],
  cache: string,
): Promise<Artefact[]> {
  const present = await Promise.all(
    artefacts.map((artefact) => hasContent(artefactPath(cache, artefact), artefact)),
  );
  return artefacts.filter((_, index) => present[index] !== true);
}

/**
 * Brings artefacts into the cache. What is there afterwards has the checksum of the list: a file
 * appears whole and verified, or not at all.
 *
 * @throws StackError `stack.download-failed`, `stack.checksum`
 */
export async function fetchArtefacts(
  artefacts: readonly Artefact[],
  options: FetchOptions,
): Promise<void> {
  const waiting = [...artefacts];
  const total = totalBytes(artefacts);
  let done = 0;
  const onBytes = (count: number) => {
    done += count;
    options.onProgress({ doneBytes: done, totalBytes: total });
  };
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await fetchPatiently(next, options, onBytes);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function fetchPatiently(
  artefact: Artefact,
  options: FetchOptions,
  onBytes: (count: number) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    let received = 0;
    try {
      await fetchOne(artefact, options, (count) => {
        received += count;
        onBytes(count);
      });
      return;
    } catch (error) {
      onBytes(-received);
      // The same bytes would come again.
      const isFinal = error instanceof StackError && error.code === "stack.checksum";
      if (isFinal || attempt === TRIES) throw error;
      await delay(FIRST_RETRY_MS * 2 ** (attempt - 1));
    }
  }
}

async function fetchOne(
  artefact: Artefact,
  { repository, cache }: FetchOptions,
  onBytes: (count: number) => void,
): Promise<void> {
  const url = artefactUrl(repository, artefact);
  const path = artefactPath(cache, artefact);
  const partial = `${path}.${process.pid}.partial`;
  mkdirSync(dirname(path), { recursive: true });
  const hash = createHash("sha256");
  try {
    const body = await openBody(url, path);
    await pipeline(body, measured(hash, onBytes), createWriteStream(partial));
    const sha256 = hash.digest("hex");
    if (sha256 !== artefact.sha256) throw wrongContent(url, artefact, sha256);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error instanceof StackError ? error : unreachable(url, path, error);
  }
}

async function openBody(url: string, path: string): Promise<Readable> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const response = await fetch(url, { signal: silence.signal });
  if (response.body === null || !response.ok) {
    clearTimeout(timer);
    await response.body?.cancel();
    throw unreachable(url, path, new Error(`HTTP ${response.status}`));
  }
  const body = Readable.fromWeb(response.body);
  body.on("data", () => timer.refresh());
  body.once("close", () => clearTimeout(timer));
  return body.pause();
}

function measured(
  hash: ReturnType<typeof createHash>,
  onBytes: (count: number) => void,
): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk);
      onBytes(chunk.byteLength);
      next(null, chunk);
    },
  });
}

function wrongContent(url: string, artefact: Artefact, sha256: string): StackError {
  return new StackError(
    "stack.checksum",
    `${url} has SHA-256 ${sha256}, must have ${artefact.sha256}; it was not kept`,
    { url, sha256 },
  );
}

function unreachable(url: string, path: string, cause: unknown): StackError {
  const reason = cause instanceof Error ? messageOf(cause) : String(cause);
  return new StackError(
    "stack.download-failed",
    `cannot fetch ${url} (${reason}); set MAVEN_REPOSITORY to a mirror, or put the file at ${path}`,
    { url, path },
    { cause },
  );
}

/** fetch says only that it failed; why is in its cause. */
function messageOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function hasContent(path: string, artefact: Artefact): Promise<boolean> {
  if (!existsSync(path)) return false;
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex") === artefact.sha256;
}
