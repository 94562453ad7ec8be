import { existsSync } from "node:fs";
import { ConfigError } from "@amc/platform/config/config-error";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { RUN_ACTION } from "./command/actions.ts";
import { EXIT, UsageError } from "./command/exit-codes.ts";
import { Printer } from "./command/printer.ts";
import { readWords } from "./command/words.ts";
import { StackError } from "./errors.ts";
import { stackHome } from "./home.ts";
import { settingsFrom } from "./settings.ts";

function main(argv: readonly string[]): Promise<number> | number {
  const words = readWords(argv);
  if ("help" in words) {
    process.stdout.write(`${words.help}\n`);
    return EXIT.ok;
  }
  const { brokers, parts, home, native } = words;
  const settings = settingsFrom(loadProcessConfig(), { brokers, parts, home, native });
  const printer = new Printer(words.json);
  const context = { home: stackHome(settings.home), settings, teller: printer };
  return RUN_ACTION[words.action]({ words, context, printer });
}

/** Expected ends say what to do; everything else shows where it broke. */
function report(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`stack: ${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof ConfigError) {
    process.stderr.write(`stack: ${error.message}\n`);
    return EXIT.config;
  }
  if (error instanceof StackError) {
    process.stderr.write(`stack: ${error.message} [${error.code}]\n`);
    return error.code === "stack.topics-differ" ? EXIT.failed : EXIT.unavailable;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`stack: stopped: ${text}\n`);
  return EXIT.internal;
}

// A reader such as `head` that has seen enough closes the pipe: that is no failure of the command.
process.stdout.on("error", (error) => {
  if (!("code" in error) || error.code !== "EPIPE") throw error;
  process.exit(EXIT.ok);
});

// Set variables win over the file, as everywhere.
if (existsSync(".env")) process.loadEnvFile(".env");

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = report(error);
}
