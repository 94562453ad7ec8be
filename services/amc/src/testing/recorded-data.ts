import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = join(fileURLToPath(import.meta.url), "../../../../..");

/** Root of the recorded market data; tests that need it are skipped by name where it is absent. */
export const RECORDED_DATA = resolve(REPOSITORY, process.env.AMC_DATA ?? "../shared/data");
export const HAS_RECORDED_DATA = existsSync(join(RECORDED_DATA, "gme-2021"));
