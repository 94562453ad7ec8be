import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CommandError, EXIT } from "../../exit-codes.ts";

/** Written last: a directory without it is no complete backup. */
export const MANIFEST_FILE = "backup.json";
const FORMAT = "amc-backup/1";

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  createdAt: z.iso.datetime(),
  /** Version of the log's files; an older one is migrated, or refused, when it is opened. */
  logFormat: z.int(),
  /** Group commits in the copy: its place in the history of the log. */
  commits: z.int(),
  topics: z.array(
    z.strictObject({
      topic: z.string(),
      partitions: z.array(z.strictObject({ partition: z.int(), start: z.int(), end: z.int() })),
    }),
  ),
  files: z.array(
    z.strictObject({
      // The names that the copy is made of, and no way out of its directory.
      name: z.enum(["log/log.sqlite", "log/acknowledged"]),
      bytes: z.int(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

export type BackupManifest = z.output<typeof manifestSchema>;
export type BackupFile = BackupManifest["files"][number];

export function newManifest(contents: Omit<BackupManifest, "format">): BackupManifest {
  return { format: FORMAT, ...contents };
}

/** Throws a command error that says what is wrong with the directory. */
export async function readManifest(directory: string): Promise<BackupManifest> {
  const path = join(directory, MANIFEST_FILE);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new CommandError(
      EXIT.noInput,
      `${directory} is no complete backup: cannot read ${path}`,
      {
        cause: error,
      },
    );
  }
  const result = manifestSchema.safeParse(content);
  if (result.success) return result.data;
  throw new CommandError(
    EXIT.noInput,
    `${path} is not a manifest this version reads:\n${z.prettifyError(result.error)}`,
  );
}

export async function describeFile(
  directory: string,
  name: BackupFile["name"],
): Promise<BackupFile> {
  const path = join(directory, name);
  const { size } = await stat(path);
  return { name, bytes: size, sha256: await sha256Of(path) };
}

/** Throws a command error when a file is not what the manifest says. */
export async function checkFile(directory: string, file: BackupFile): Promise<void> {
  const path = join(directory, file.name);
  let found: string;
  try {
    found = await sha256Of(path);
  } catch (error) {
    throw new CommandError(EXIT.noInput, `the backup is incomplete: cannot read ${path}`, {
      cause: error,
    });
  }
  if (found === file.sha256) return;
  throw new CommandError(
    EXIT.failed,
    `the backup is damaged: ${path} has SHA-256 ${found}, its manifest says ${file.sha256}; nothing was restored`,
  );
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
