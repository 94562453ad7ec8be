import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { loadProcessConfig, processReservedWarning } from "@amc/platform/config/load-config";
import { isServiceRole, SERVICE_ROLES, type ServiceRole } from "@amc/platform/config/roles";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { Printer } from "../output/printer.ts";
import { openRecording } from "../recordings.ts";
import { roleProblems } from "../role-problems.ts";
import { PORTS_PER_SERVICE, runService } from "../run/run-service.ts";
import { type Restart, supervise } from "../run/supervisor.ts";
import { withTopicAdvice } from "../run/topic-advice.ts";
import { stopSignal } from "../stop-signal.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export const RUN: CommandSpec = {
  name: "run",
  summary: "Runs one service as a process of its own, or as several, on Kafka",
  examples: [
    "npm run amc -- run processor --instances 3",
    "npm run amc -- run ingest --recording gme-2021 --data ../shared/data",
    "npm run amc -- run api",
  ],
  positionals: ["service"],
  options: {
    instances: {
      type: "string",
      value: "<n>",
      doc: "so many processes under this one, which divide the work and are started again when they die",
    },
    instance: {
      type: "string",
      value: "<i>",
      doc: "number of this process among several that somebody else starts, from 0: decides its ports",
    },
    recording: {
      type: "string",
      value: "<manifest>",
      doc: "what ingest plays: name or path of a manifest; the built-in case by default",
    },
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const [service = ""] = words.positionals;
  if (!isServiceRole(service)) {
    throw new CommandError(EXIT.usage, `run takes one of: ${SERVICE_ROLES.join(", ")}`);
  }
  const variables = loadProcessConfig(service, roleProblems(service));
  const instances = words.count("instances", 1, PORTS_PER_SERVICE) ?? 1;
  const instance = words.count("instance", 0, PORTS_PER_SERVICE - 1) ?? 0;
  const recording = await openRecording(
    words.text("recording") ?? "built-in",
    words.text("data") ?? variables.AMC_DATA,
  );
  const printer = new Printer(words.flag("json"));
  const reserved = processReservedWarning();
  if (reserved !== null && words.text("instance") === undefined) printer.note(reserved);
  const signal = stopSignal();
  if (instances > 1) return await runInstances(service, words, instances, { printer, signal });
  const end = await withTopicAdvice(() =>
    runService({ role: service, instance, variables, recording, printer, signal }),
  );
  // Connections that are still being made, to servers that are silent, would keep the process.
  if (end === "stopped in its start") process.exit(EXIT.ok);
  return EXIT.ok;
}

async function runInstances(
  service: ServiceRole,
  words: CommandWords,
  instances: number,
  { printer, signal }: { readonly printer: Printer; readonly signal: AbortSignal },
): Promise<number> {
  const passedOn = ["recording", "data"].flatMap((name) => {
    const value = words.text(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  if (words.flag("json")) passedOn.push("--json");
  const start = (instance: number): ChildProcess =>
    spawn(
      process.execPath,
      [...process.execArgv, MAIN, "run", service, "--instance", String(instance), ...passedOn],
      { stdio: ["ignore", "inherit", "inherit", "ipc"] },
    );
  const onRestart = ({ instance, pid, end, inMs }: Restart): void =>
    printer.line(
      { type: "restart", service, instance, pid, end, inMs },
      `${service} ${instance} (process ${pid}) ended with ${end}, starts again in ${inMs} ms`,
    );
  return await supervise({ instances, spawn: start, onRestart }, signal);
}
