import { existsSync } from "node:fs";
import { type CommandSpec, helpOf, readWords } from "./command.ts";
import { endOf } from "./command-end.ts";
import { CommandError, EXIT } from "./exit-codes.ts";

/** Each command is loaded only when it is asked for: `--help` and `start` stay quick. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandSpec>>> = {
  start: async () => (await import("./commands/start.ts")).START,
  run: async () => (await import("./commands/run.ts")).RUN,
  replay: async () => (await import("./commands/replay.ts")).REPLAY,
  faults: async () => (await import("./commands/faults.ts")).FAULTS,
  ablate: async () => (await import("./commands/ablate.ts")).ABLATE,
  "simulate day": async () => (await import("./commands/simulate-day.ts")).SIMULATE_DAY,
  verify: async () => (await import("./commands/verify.ts")).VERIFY,
  bench: async () => (await import("./commands/bench.ts")).BENCH,
  insight: async () => (await import("./commands/insight.ts")).INSIGHT,
  inspect: async () => (await import("./commands/inspect.ts")).INSPECT,
  shadow: async () => (await import("./commands/shadow.ts")).SHADOW,
  explain: async () => (await import("./commands/explain.ts")).EXPLAIN,
  topics: async () => (await import("./commands/topics.ts")).TOPICS_COMMAND,
  "topics check": async () => (await import("./commands/topics-check.ts")).TOPICS_CHECK,
  "topics acls": async () => (await import("./commands/topics-acls.ts")).TOPICS_ACLS,
  control: async () => (await import("./commands/control.ts")).CONTROL,
  "control list": async () => (await import("./commands/control-list.ts")).CONTROL_LIST,
  "dlq list": async () => (await import("./commands/dlq-list.ts")).DLQ_LIST,
  "dlq show": async () => (await import("./commands/dlq-show.ts")).DLQ_SHOW,
  "dlq redrive": async () => (await import("./commands/dlq-redrive.ts")).DLQ_REDRIVE,
  "ingest alpaca": async () => (await import("./commands/ingest-alpaca.ts")).INGEST_ALPACA,
  "ingest alpha-vantage": async () =>
    (await import("./commands/ingest-alpha-vantage.ts")).INGEST_ALPHA_VANTAGE,
  "ingest finra": async () => (await import("./commands/ingest-finra.ts")).INGEST_FINRA,
  "ingest news": async () => (await import("./commands/ingest-news.ts")).INGEST_NEWS,
  "ingest polygon": async () => (await import("./commands/ingest-polygon.ts")).INGEST_POLYGON,
  "ingest positions": async () => (await import("./commands/ingest-positions.ts")).INGEST_POSITIONS,
  "ingest yahoo": async () => (await import("./commands/ingest-yahoo.ts")).INGEST_YAHOO,
  "keys list": async () => (await import("./commands/keys-list.ts")).KEYS_LIST,
  "keys remove": async () => (await import("./commands/keys-remove.ts")).KEYS_REMOVE,
  "keys rotate": async () => (await import("./commands/keys-rotate.ts")).KEYS_ROTATE,
  "keys set": async () => (await import("./commands/keys-set.ts")).KEYS_SET,
  "schemas register": async () => (await import("./commands/schemas-register.ts")).SCHEMAS_REGISTER,
  backup: async () => (await import("./commands/backup.ts")).BACKUP,
  restore: async () => (await import("./commands/restore.ts")).RESTORE,
  status: async () => (await import("./commands/status.ts")).STATUS,
  "config print": async () => (await import("./commands/config-print.ts")).CONFIG_PRINT,
  doctor: async () => (await import("./commands/doctor.ts")).DOCTOR,
  smoke: async () => (await import("./commands/smoke.ts")).SMOKE,
  prune: async () => (await import("./commands/prune.ts")).PRUNE,
  rederive: async () => (await import("./commands/rederive.ts")).REDERIVE,
  rebuild: async () => (await import("./commands/rebuild.ts")).REBUILD,
};

async function main(argv: readonly string[]): Promise<number> {
  const [first = "--help", second = ""] = argv;
  if (first === "--help" || first === "-h") {
    process.stdout.write(`${await overview("")}\n`);
    return EXIT.ok;
  }
  // Some commands have two words, such as `dlq list`.
  const name = Object.hasOwn(COMMANDS, `${first} ${second}`) ? `${first} ${second}` : first;
  const load = COMMANDS[name];
  if (load === undefined || !Object.hasOwn(COMMANDS, name)) return endWithoutCommand(first, second);
  const spec = await load();
  const words = readWords(spec, argv.slice(name.split(" ").length));
  if (words === "help") {
    process.stdout.write(`${helpOf(spec)}\n`);
    return EXIT.ok;
  }
  return spec.run(words);
}

/** `dlq` alone, or `dlq --help`, shows the commands that begin with it. */
async function endWithoutCommand(first: string, second: string): Promise<number> {
  if (!Object.keys(COMMANDS).some((name) => name.startsWith(`${first} `))) {
    throw new CommandError(EXIT.usage, `there is no command ${first}; see: npm run amc -- --help`);
  }
  const isAsked = second === "--help" || second === "-h";
  (isAsked ? process.stdout : process.stderr).write(`${await overview(`${first} `)}\n`);
  return isAsked ? EXIT.ok : EXIT.usage;
}

async function overview(prefix: string): Promise<string> {
  const lines = ["AMC: recorded market history in, explained recommendations and alerts out", ""];
  for (const [name, load] of Object.entries(COMMANDS)) {
    if (name.startsWith(prefix)) lines.push(`  ${name.padEnd(14)} ${(await load()).summary}`);
  }
  lines.push("", "npm run amc -- <command> --help tells more, with an example.");
  return lines.join("\n");
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
  const { exitCode, text } = endOf(error);
  process.stderr.write(text);
  process.exitCode = exitCode;
}
