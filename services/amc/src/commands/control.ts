import { loadProcessConfig } from "@amc/platform/config/load-config";
import { type Decision, decisionProblem } from "@amc/query-api/control/decision";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { existingDataDirectory } from "../operations/data-directory.ts";
import { isOnKafka, LOG_OPTIONS, withKafkaLog } from "../operations/named-log.ts";
import { changeSetting, decideOn } from "../operations/settings/change-setting.ts";
import { experimentDefaults, valueInWords } from "../operations/settings/experiment-decision.ts";
import { Printer } from "../output/printer.ts";

export const CONTROL: CommandSpec = {
  name: "control",
  summary: "Changes a setting from the next tick on, while npm start runs or is stopped",
  examples: [
    'npm run amc -- control preset catalyst_heavy --reason "earnings week"',
    'npm run amc -- control strategy hybrid_v1 --reason "detectors under review" --actor ann',
    'npm run amc -- control preset --reason "back to what is configured"',
    'npm run amc -- control experiment/rollout "start split=legacy_v0:20,unified_detectors:80 days=14" --reason "week 5"',
    'npm run amc -- control experiment/rollout pause --reason "provider down"',
    'npm run amc -- control universe "5000000 keep GME,AMC" --reason "late runs"',
    'npm run amc -- control finra-schedule/2025-08-29 published=2025-09-11 --reason "notice of FINRA" --actor ann',
    'npm run amc -- control finra-schedule/2025-08-29 --reason "as the calendar has it after all"',
    "npm run amc -- control list",
    'npm run amc -- control preset catalyst_heavy --kafka --reason "earnings week"',
  ],
  positionals: ["setting"],
  optionalPositionals: ["value"],
  options: {
    reason: { type: "string", value: "<text>", doc: "why; kept with the decision" },
    actor: { type: "string", value: "<name>", doc: "who decides; operator by default" },
    ...LOG_OPTIONS,
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const decision = decisionOf(words);
  const printer = new Printer(words.flag("json"));
  const { changed, place } = await change(words, decision);
  if (changed === null) {
    throw new CommandError(
      EXIT.failed,
      `nothing was changed: no clock tick ${place} yet, so there is nothing that the setting could follow; configure it instead`,
    );
  }
  const { setting, value, publishedAt, publishedBy } = changed;
  printer.line(
    { type: "control", ...changed },
    `${setting} is ${valueInWords(setting, value)} from the tick after ${publishedAt} on`,
  );
  if (isOnKafka(words)) {
    printer.note(
      "The processors go on with it; without a tick, of a scheduler say, nothing follows.",
    );
    return EXIT.ok;
  }
  const who = publishedBy === null ? "npm start" : `npm start (process ${publishedBy}) took it and`;
  printer.note(`${who} goes on with it; a recording that is played to its end has no more ticks.`);
  return EXIT.ok;
}

async function change(words: CommandWords, decision: Decision) {
  const defaults = experimentDefaults(loadProcessConfig());
  if (isOnKafka(words)) {
    const changed = await withKafkaLog((log) => decideOn(log, decision, defaults));
    return { changed, place: "on Kafka" };
  }
  const directory = existingDataDirectory(words);
  const changed = await changeSetting(directory, decision, defaults);
  return { changed, place: `in ${directory.path}` };
}

function decisionOf(words: CommandWords): Decision {
  const [setting = "", value = null] = words.positionals;
  const reason = words.text("reason")?.trim() ?? "";
  const actor = words.text("actor") ?? "operator";
  const decision = { setting, value, reason, actor };
  const problem = decisionProblem(decision);
  if (problem?.field === "reason" && reason === "") {
    throw new CommandError(EXIT.usage, "--reason says why, for whoever asks later");
  }
  if (problem !== null) throw new CommandError(EXIT.usage, problem.detail);
  return decision;
}
