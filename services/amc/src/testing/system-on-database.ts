import { playRecording } from "@amc/ingest-recordings/player";
import { loadConfig } from "@amc/platform/config/load-config";
import type { TestDatabase } from "@amc/platform/postgres/testing";
import { openRecording } from "../recordings.ts";
import { configuredScoring } from "../scoring-options.ts";
import { openSystem, type System } from "../system.ts";
import { RECORDED_DATA } from "./recorded-data.ts";

/** The whole product in this process, on a database of the test and a data directory of its own. */
export async function systemOnDatabase(
  dataDirectory: string,
  database: TestDatabase,
  more: Readonly<Record<string, string>> = {},
): Promise<System> {
  const environment = { DATABASE_URL: database.url("migrator"), LOG_LEVEL: "fatal", ...more };
  const variables = { ...loadConfig(environment), PORT: 0 };
  return openSystem({
    variables,
    scoring: configuredScoring(variables),
    configuredUniverse: null,
    dataDirectory,
    showAlert: () => undefined,
  });
}

/** Plays the built-in case on until a tick at or after `untilMs`. */
export async function playBuiltIn(
  { log, telemetry }: System,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const stop = new AbortController();
  await playRecording({
    log,
    ...(await openRecording("built-in", RECORDED_DATA)),
    chunkRecords: 1,
    onWritten: (appends, elapsedMs) => telemetry.written("ingest-recordings", appends, elapsedMs),
    signal: stop.signal,
    onProgress: ({ eventTime }) => {
      if (eventTime !== null && eventTime >= untilMs) stop.abort();
    },
  });
}
