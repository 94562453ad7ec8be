import { readFileSync } from "node:fs";
import { isLoopback } from "@amc/query-api/auth/served-hosts";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { smokeChecks } from "../operations/smoke/checks.ts";
import { Printer } from "../output/printer.ts";

const DEFAULT_URL = "http://127.0.0.1:3000";
const DEFAULT_DEADLINE_S = 5;
const MOST_WAIT_S = 3_600;

export const SMOKE: CommandSpec = {
  name: "smoke",
  summary: "Asks a system that was just deployed for one answer of each kind, and judges them",
  examples: [
    "npm run amc -- smoke --url http://127.0.0.1:3000",
    "npm run --silent amc -- smoke --url https://amc.example.com --key-file amc.key --wait 120 --json",
  ],
  options: {
    url: { type: "string", value: "<base>", doc: `where it listens; ${DEFAULT_URL} by default` },
    "key-file": { type: "string", value: "<file>", doc: "API key with the scopes read, monitor" },
    wait: { type: "string", value: "<seconds>", doc: "time it has to become ready; 0 by default" },
    timeout: {
      ...{ type: "string", value: "<seconds>" },
      doc: `longest wait for one answer; ${DEFAULT_DEADLINE_S} by default`,
    },
    json: { type: "boolean", doc: "one JSON object per line" },
  },
  run: smoke,
};

async function smoke(words: CommandWords): Promise<number> {
  const printer = new Printer(words.flag("json"));
  const keyFile = words.text("key-file");
  const target = {
    base: baseOf(words.text("url") ?? DEFAULT_URL, keyFile !== undefined),
    key: keyOf(keyFile),
    deadlineMs: 1_000 * (words.count("timeout", 1, MOST_WAIT_S) ?? DEFAULT_DEADLINE_S),
  };
  let failures = 0;
  for await (const result of smokeChecks(
    target,
    1_000 * (words.count("wait", 0, MOST_WAIT_S) ?? 0),
  )) {
    const { name, status, detail, elapsedMs } = result;
    if (status === "fail") failures += 1;
    const text = `${status.padEnd(4)}  ${name.padEnd(NAME_WIDTH)}  ${detail} (${elapsedMs} ms)`;
    printer.line({ type: "smoke", ...result }, text);
    // A system that is not there will not answer anything else either.
    if (name === "alive" && status === "fail") return EXIT.unavailable;
  }
  printer.note(failures === 0 ? "It serves." : `It does not serve: ${failures} failed.`);
  return failures === 0 ? EXIT.ok : EXIT.failed;
}

const NAME_WIDTH = 7;

/** A key goes over https, or stays on this machine: whoever is on the way could read and use it. */
function baseOf(text: string, carriesKey: boolean): string {
  const url = URL.parse(text);
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === null || !isWeb || url.username !== "" || url.search !== "") {
    throw new CommandError(EXIT.usage, "--url takes an address such as http://127.0.0.1:3000");
  }
  if (carriesKey && url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new CommandError(
      EXIT.usage,
      `--key-file would send the key unencrypted to ${url.host}; give --url https://${url.host}`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** From a file, because other users of a machine see the words of a command line. */
function keyOf(file: string | undefined): string | null {
  if (file === undefined) return null;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new CommandError(EXIT.noInput, `--key-file ${file} cannot be read`, { cause });
  }
}
