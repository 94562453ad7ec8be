import { playRecording } from "@amc/ingest-recordings/player";
import { openRecording } from "../recordings.ts";
import { RECORDED_DATA } from "./recorded-data.ts";
import { openTestLog, processAll, type TestDirectory } from "./simulated-system.ts";

/** Plays the built-in case, and processes it, until a tick at or after `untilMs`, as a stopped start. */
export async function playBuiltIn(
  directory: TestDirectory,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const log = await openTestLog(directory.path);
  const stop = new AbortController();
  await playRecording({
    log,
    ...(await openRecording("built-in", RECORDED_DATA)),
    chunkRecords: 1,
    signal: stop.signal,
    onProgress: ({ eventTime }) => {
      if (eventTime !== null && eventTime >= untilMs) stop.abort();
    },
  });
  await processAll(log);
  await log.close();
}
