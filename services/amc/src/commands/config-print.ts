import {
  effectiveDiscovery,
  loadProcessConfig,
  printableConfig,
  processReservedWarning,
} from "@amc/platform/config/load-config";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { textTable } from "../operations/text-table.ts";
import { Printer } from "../output/printer.ts";
import { keyProblems } from "../role-problems.ts";

export const CONFIG_PRINT: CommandSpec = {
  name: "config print",
  summary: "Prints the configuration in force; of a secret only whether it is set",
  examples: [
    "npm run amc -- config print --redact",
    "npm run --silent amc -- config print --redact --json",
  ],
  options: {
    redact: { type: "boolean", doc: "leave secrets out, which is done in any case" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const variables = loadProcessConfig(undefined, keyProblems);
  const printer = new Printer(words.flag("json"));
  const printable = printableConfig(variables);
  for (const { name, value, doc } of printable) {
    printer.line({ type: "variable", name, value, doc }, null);
  }
  const { frequencyMinutes, maxCandidates } = effectiveDiscovery(variables);
  printer.line({ type: "effective", frequencyMinutes, maxCandidates }, null);
  const rows = printable.map(({ name, value, doc }) => [name, value, doc]);
  printer.line(
    null,
    [
      ...textTable(rows),
      "",
      `In force with NODE_ENV=${variables.NODE_ENV}: a slot every ${frequencyMinutes} minutes, at most ${maxCandidates} candidates`,
    ].join("\n"),
  );
  const warning = processReservedWarning();
  if (warning !== null) printer.line({ type: "warning", message: warning }, `\n${warning}`);
  return EXIT.ok;
}
