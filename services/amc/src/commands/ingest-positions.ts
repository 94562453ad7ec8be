import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { importStatement } from "@amc/ingest-portfolio/import-statement";
import type { StatementFormat } from "@amc/ingest-portfolio/statement/origin";
import { readStatement } from "@amc/ingest-portfolio/statement/read-statement";
import {
  quoted,
  STATEMENT_LIMITS,
  type Statement,
  StatementError,
  textOfProblem,
} from "@amc/ingest-portfolio/statement/statement";
import type { StatementChanges } from "@amc/ingest-portfolio/statement-changes";
import { refuseMixed } from "@amc/platform/http/refuse-mixed";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { LOG_OPTIONS, withNamedLog } from "../operations/named-log.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";
import { changesText } from "../output/statement-text.ts";

export const INGEST_POSITIONS: CommandSpec = {
  name: "ingest positions",
  summary: "Appends what accounts hold, as a CSV or JSON file states it, to the log",
  examples: [
    "npm run amc -- ingest positions --file positions.csv --account main --as-of 2021-01-13T16:00:00-05:00",
    "npm run amc -- ingest positions --file positions.json --complete",
  ],
  options: {
    file: { type: "string", value: "<file>", doc: "statement to read, .csv or .json" },
    account: {
      type: "string",
      value: "<name>",
      doc: "account that holds them, unless the file says",
    },
    "as-of": {
      type: "string",
      value: "<instant>",
      doc: "instant of the statement, unless the file says",
    },
    complete: { type: "boolean", doc: "close what the accounts held and the file does not name" },
    ...LOG_OPTIONS,
  },
  run,
};

/** Shown of all that is wrong with a file: the first ones, as a person mends them. */
const PROBLEMS_SHOWN = 20;

async function run(words: CommandWords): Promise<number> {
  const statement = statementOf(words);
  const printer = new Printer(words.flag("json"));
  const changes = await withNamedLog(words, async (log) => {
    await refuseMixed(log, "alpaca", false);
    return await importStatement(log, statement, words.flag("complete"));
  });
  const { events, ...counts } = changes;
  const asOf = new Date(statement.asOfMs).toISOString();
  const accounts = [...statement.accounts.keys()];
  printer.line(
    { type: "ingest", provider: "import", asOf, accounts, events: events.length, ...counts },
    textOf(statement, changes),
  );
  return EXIT.ok;
}

/** The file is read whole before the log is opened: what is wrong with it changes nothing. */
function statementOf(words: CommandWords): Statement {
  const path = words.text("file");
  if (path === undefined) throw new CommandError(EXIT.usage, "give --file <file>, .csv or .json");
  const format = formatOf(path);
  const bytes = bytesOf(path);
  try {
    return readStatement(bytes, {
      format,
      account: words.text("account") ?? null,
      asOf: words.text("as-of") ?? null,
      capturedAtMs: Date.now(),
    });
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw new CommandError(EXIT.noInput, problemsText(path, error), { cause: error });
  }
}

function formatOf(path: string): StatementFormat {
  const extension = extname(path).toLowerCase();
  if (extension === ".csv") return "csv";
  if (extension === ".json") return "json";
  throw new CommandError(EXIT.usage, `--file takes a .csv or .json file, was ${path}`);
}

function bytesOf(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size <= STATEMENT_LIMITS.bytesMax) return readFileSync(path);
    const message = `${path} has ${formatCount(size)} bytes, at most ${formatCount(STATEMENT_LIMITS.bytesMax)} are read`;
    throw new CommandError(EXIT.noInput, message);
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) throw error;
    throw new CommandError(EXIT.noInput, `${path} cannot be read: ${error.message}`, {
      cause: error,
    });
  }
}

function problemsText(path: string, { problems }: StatementError): string {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map((one) => `${path}:${textOfProblem(one)}`);
  const more = problems.length - shown.length;
  const rest = more > 0 ? [`and ${formatCount(more)} more`] : [];
  return [...shown, ...rest, "Nothing was appended."].join("\n");
}

function textOf(statement: Statement, changes: StatementChanges): string {
  const { ignored } = statement;
  const tail = ignored.length === 0 ? [] : [`  not kept: ${ignored.map(quoted).join(", ")}`];
  return [changesText(statement, changes), ...tail].join("\n");
}
