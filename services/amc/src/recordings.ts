import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRecordingError } from "@amc/ingest-recordings/errors";
import type { RecordingManifest } from "@amc/ingest-recordings/manifest";
import { dataRootOf, loadManifest } from "@amc/ingest-recordings/manifest/load-manifest";
import { playRecording } from "@amc/ingest-recordings/player";
import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { FactSlice } from "@amc/replay/slices";
import { slicesFromLog } from "@amc/replay/slices-from-log";
import { CommandError, EXIT } from "./exit-codes.ts";

/** Manifests that come with the project. */
export const RECORDINGS_DIRECTORY = join(
  dirname(fileURLToPath(import.meta.url)),
  "../../../infra/recordings",
);

export interface Recording {
  readonly manifest: RecordingManifest;
  /** Folder that its paths begin at. */
  readonly dataRoot: string;
}

/** A manifest by path, or by the name of one that comes with the project. */
export async function openRecording(nameOrPath: string, data: string): Promise<Recording> {
  const path = existsSync(nameOrPath)
    ? nameOrPath
    : join(RECORDINGS_DIRECTORY, nameOrPath.endsWith(".json") ? nameOrPath : `${nameOrPath}.json`);
  return asCommandError(async () => {
    const manifest = await loadManifest(path);
    return { manifest, dataRoot: dataRootOf(manifest, path, data) };
  });
}

/** A recording that cannot be read ends a command with what the reader said, not with a stack. */
export async function asCommandError<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isRecordingError(error)) throw error;
    throw new CommandError(EXIT.noInput, error.message, { cause: error });
  }
}

/** The whole recording as slices in memory, to be processed in more ways than one. */
export async function loadRecordingSlices(
  recording: Recording,
  symbols?: ReadonlySet<string>,
): Promise<FactSlice[]> {
  return asCommandError(async () => {
    const log = createMemoryLog(systemLayout(1), () => 0);
    await playRecording({ log, ...recording, symbols });
    return slicesFromLog(log);
  });
}
