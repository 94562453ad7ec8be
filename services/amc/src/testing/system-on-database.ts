import { loadConfig } from "@amc/platform/config/load-config";
import type { TestDatabase } from "@amc/platform/postgres/testing";
import { configuredScoring } from "../scoring-options.ts";
import { openSystem, type System } from "../system.ts";

/** The whole product in this process, on a database of the test and a data directory of its own. */
export async function systemOnDatabase(
  dataDirectory: string,
  database: TestDatabase,
): Promise<System> {
  const environment = { DATABASE_URL: database.url("migrator"), LOG_LEVEL: "fatal" };
  const variables = { ...loadConfig(environment), PORT: 0 };
  return openSystem({
    variables,
    scoring: configuredScoring(variables),
    configuredUniverse: null,
    dataDirectory,
    showAlert: () => undefined,
  });
}
