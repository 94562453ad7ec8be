import { readdirSync } from "node:fs";
import { isRecordingError } from "@amc/ingest-recordings/errors";
import { sourceParts } from "@amc/ingest-recordings/readers/source-parts";
import { CommandError } from "../../exit-codes.ts";
import { openRecording, RECORDINGS_DIRECTORY } from "../../recordings.ts";
import { type Check, ok, reasonOf, warn } from "./check.ts";

const SCHEMA_FILE = "manifest.schema.json";

/** Whether the files of every recording of the project are there; only one is needed to start. */
export async function recordingChecks(dataRoot: string): Promise<Check[]> {
  const names = readdirSync(RECORDINGS_DIRECTORY)
    .filter((file) => file.endsWith(".json") && file !== SCHEMA_FILE)
    .map((file) => file.slice(0, -".json".length))
    .sort();
  return Promise.all(names.map((name) => recordingCheck(name, dataRoot)));
}

async function recordingCheck(name: string, data: string): Promise<Check> {
  const title = `recording ${name}`;
  try {
    const { manifest, dataRoot } = await openRecording(name, data);
    const parts = await sourceParts(manifest, dataRoot, null);
    const files = new Set(parts.flatMap(({ paths }) => paths)).size;
    return ok(title, files === 0 ? "in its manifest" : `${files} files`);
  } catch (error) {
    if (!isRecordingError(error) && !(error instanceof CommandError)) throw error;
    const mend = "set AMC_DATA, or give --data <dir>, the root of the recordings";
    // What the reader adds behind the semicolon is said below it.
    return warn(title, reasonOf(error).split(";")[0] ?? "", mend);
  }
}
