import { isoUtc } from "@amc/streams/market/event-time";
import { SETTINGS } from "@amc/streams/scoring/settings";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import {
  DATA_DIRECTORY_OPTIONS,
  existingDataDirectory,
  withOwnedLog,
} from "../operations/data-directory.ts";
import { type Decision, publishDecision } from "../operations/settings/operator-settings.ts";
import { Printer } from "../output/printer.ts";

export const CONTROL: CommandSpec = {
  name: "control",
  summary: "Changes a setting from the next tick on, without changing the configuration",
  examples: [
    'npm run amc -- control preset catalyst_heavy --reason "earnings week"',
    'npm run amc -- control strategy hybrid_v1 --reason "detectors under review" --actor ann',
    'npm run amc -- control preset --reason "back to what is configured"',
    "npm run amc -- control list",
  ],
  positionals: ["setting"],
  optionalPositionals: ["value"],
  options: {
    reason: { type: "string", value: "<text>", doc: "why; kept with the decision" },
    actor: { type: "string", value: "<name>", doc: "who decides; operator by default" },
    ...DATA_DIRECTORY_OPTIONS,
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const decision = decisionOf(words);
  const directory = existingDataDirectory(words);
  const printer = new Printer(words.flag("json"));
  const control = await withOwnedLog(directory, (log) => publishDecision(log, decision));
  if (control === null) {
    throw new CommandError(
      EXIT.failed,
      `nothing was changed: no clock tick in ${directory.path} yet, so there is nothing that the setting could follow; configure it instead`,
    );
  }
  const { setting, value, publishedAt, actor, reason } = control;
  printer.line(
    { type: "control", setting, value, publishedAt: isoUtc(publishedAt), actor, reason },
    `${setting} is ${value ?? "what is configured"} from the tick after ${isoUtc(publishedAt)} on`,
  );
  printer.note(
    "npm start goes on with it; a recording that is played to its end has no more ticks.",
  );
  return EXIT.ok;
}

function decisionOf(words: CommandWords): Decision {
  const [name = "", value = null] = words.positionals;
  const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
  if (setting === undefined) {
    const known = Object.keys(SETTINGS).join(", ");
    throw new CommandError(EXIT.usage, `there is no setting ${name}; there are ${known}`);
  }
  if (value !== null && !setting.values.includes(value)) {
    throw new CommandError(EXIT.usage, `${name} can be ${setting.values.join(", ")}`);
  }
  const reason = words.text("reason")?.trim() ?? "";
  if (reason === "") {
    throw new CommandError(EXIT.usage, "--reason says why, for whoever asks later");
  }
  return { setting: name, value, reason, actor: words.text("actor") ?? "operator" };
}
