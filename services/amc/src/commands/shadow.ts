import type { ShadowRun } from "@amc/schemas/generated/events";
import { ShadowTotals } from "@amc/streams/discovery/shadow-totals";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { readRange } from "../operations/instant.ts";
import { inspectNamedLog, LOG_OPTIONS } from "../operations/named-log.ts";
import { shadowRunsIn } from "../operations/shadow-runs.ts";
import { Printer } from "../output/printer.ts";
import { shadowRunJson, shadowRunText, shadowTotalText } from "../output/shadow-lines.ts";

export const SHADOW: CommandSpec = {
  name: "shadow",
  summary: "Compares the runs of a log with what the shadow strategy made of them",
  examples: [
    "npm run amc -- shadow",
    "npm run amc -- shadow --from 2021-01-13 --to 2021-01-13",
    "npm run --silent amc -- shadow --json",
  ],
  options: {
    from: {
      type: "string",
      value: "<time>",
      doc: "first slot, with zone or in New York time; a day counts from its beginning",
    },
    to: { type: "string", value: "<time>", doc: "the last slot; a day counts to its end" },
    ...LOG_OPTIONS,
  },
  run: shadow,
};

async function shadow(words: CommandWords): Promise<number> {
  const printer = new Printer(words.flag("json"));
  const range = readRange(words);
  const totals = new ShadowTotals();
  const linesOf = (run: ShadowRun) => {
    totals.take(run);
    return printer.json
      ? { json: shadowRunJson(run), text: null }
      : { json: null, text: shadowRunText(run) };
  };
  const { runs, unreadable } = await inspectNamedLog(words, (log) =>
    shadowRunsIn(log, range, linesOf),
  );
  for (const { json, text } of runs) printer.line(json, text);
  for (const total of totals.totals()) {
    printer.line({ type: "shadow-total", ...total }, shadowTotalText(total));
  }
  if (unreadable > 0) printer.note(`${unreadable} records could not be read`);
  if (runs.length === 0) {
    printer.note(
      "no run is compared there: SHADOW_TESTING_ENABLED=true, given to every processor, compares those that come",
    );
  }
  return EXIT.ok;
}
