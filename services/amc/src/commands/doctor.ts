import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { DATA_DIRECTORY_OPTIONS, dataDirectoryAt } from "../operations/data-directory.ts";
import { cacheCheck } from "../operations/doctor/cache-check.ts";
import type { Check } from "../operations/doctor/check.ts";
import { accessCheck, configurationChecks } from "../operations/doctor/configuration-checks.ts";
import { dataDirectoryChecks } from "../operations/doctor/data-directory-checks.ts";
import { databaseChecks } from "../operations/doctor/database-checks.ts";
import { keyStoreCheck } from "../operations/doctor/key-store-check.ts";
import { portCheck } from "../operations/doctor/port-check.ts";
import { recordingChecks } from "../operations/doctor/recording-checks.ts";
import {
  calendarCheck,
  nodeCheck,
  platformPackageCheck,
  testToolChecks,
} from "../operations/doctor/runtime-checks.ts";
import { schedulerChecks } from "../operations/doctor/scheduler-checks.ts";
import { topicChecks } from "../operations/doctor/topic-checks.ts";
import { Printer } from "../output/printer.ts";

export const DOCTOR: CommandSpec = {
  name: "doctor",
  summary: "Says what is configured, what is missing and which command mends it",
  examples: [
    "npm run amc -- doctor",
    "npm run --silent amc -- doctor --data ../shared/data --json",
  ],
  options: {
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    ...DATA_DIRECTORY_OPTIONS,
  },
  run: doctor,
};

async function doctor(words: CommandWords): Promise<number> {
  const printer = new Printer(words.flag("json"));
  let failures = 0;
  for await (const check of checks(words)) {
    if (check.status === "fail") failures += 1;
    printer.line({ type: "check", ...check }, checkText(check));
  }
  printer.note(
    failures === 0 ? "Nothing to mend: npm start will work." : `${failures} to mend first.`,
  );
  return failures === 0 ? EXIT.ok : EXIT.failed;
}

/** One after the other, so that each is shown as soon as it is known. */
async function* checks(words: CommandWords): AsyncGenerator<Check> {
  yield nodeCheck();
  yield platformPackageCheck();
  yield calendarCheck(Date.now());
  const { variables, checks: problems } = configurationChecks();
  yield* problems;
  const directory = dataDirectoryAt(words.text("data-dir") ?? variables.AMC_DATA_DIR);
  yield* await dataDirectoryChecks(directory);
  yield* await databaseChecks(variables, directory);
  yield await cacheCheck(variables);
  yield* await topicChecks(variables);
  yield* await schedulerChecks(variables, Date.now());
  yield keyStoreCheck(variables);
  yield accessCheck(variables, Date.now());
  yield await portCheck(variables, directory);
  yield* await recordingChecks(words.text("data") ?? variables.AMC_DATA);
  yield* testToolChecks();
}

/** Longest name of a check and its recording. */
const NAME_WIDTH = 30;

function checkText({ name, status, detail, mend }: Check): string {
  const line = `${status.padEnd(4)}  ${name.padEnd(NAME_WIDTH)}  ${detail}`;
  return mend === null ? line : `${line}\n      ${"".padEnd(NAME_WIDTH)}  mend: ${mend}`;
}
