import { importStatement } from "@amc/ingest-portfolio/import-statement";
import { Alpaca, type AlpacaPositions } from "@amc/ingest-portfolio/providers/alpaca/alpaca";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { openProvider } from "@amc/platform/http/open-provider";
import { isProviderError } from "@amc/platform/http/provider-error";
import type { Log } from "@amc/platform/log/port";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { LOG_OPTIONS, withNamedLog } from "../operations/named-log.ts";
import { Printer } from "../output/printer.ts";
import { changesText } from "../output/statement-text.ts";

export const INGEST_ALPACA: CommandSpec = {
  name: "ingest alpaca",
  summary:
    "Appends what an account at Alpaca holds now to the log; reads positions and nothing else",
  examples: [
    "ALPACA_API_KEY_ID_FILE=id ALPACA_API_SECRET_KEY_FILE=secret npm run amc -- ingest alpaca",
    "npm run --silent amc -- ingest alpaca --account retirement --json",
  ],
  options: {
    account: { type: "string", value: "<name>", doc: "name to keep them under; alpaca by default" },
    ...LOG_OPTIONS,
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const variables = loadProcessConfig("ingest-portfolio");
  const account = words.text("account") ?? "alpaca";
  const printer = new Printer(words.flag("json"));
  await withNamedLog(words, async (log) => {
    const { statement, otherAssets } = await asked(log, variables, account);
    // The answer names everything that is held, so what it does not name is closed.
    const { events, ...counts } = await importStatement(log, statement, true);
    const asOf = new Date(statement.asOfMs).toISOString();
    printer.line(
      {
        ...{ type: "ingest", provider: "alpaca", asOf, accounts: [account] },
        ...{ events: events.length, ...counts, otherAssets },
      },
      [
        changesText(statement, counts),
        ...(otherAssets === 0 ? [] : [`  ${otherAssets} options or coins, not kept`]),
      ].join("\n"),
    );
  });
  return EXIT.ok;
}

/** Throws CommandError `unavailable` when Alpaca does not answer usably; then nothing is appended. */
async function asked(log: Log, variables: Variables, account: string): Promise<AlpacaPositions> {
  const { ALPACA_BASE_URL: baseUrl } = variables;
  const { ALPACA_API_KEY_ID: keyId, ALPACA_API_SECRET_KEY: secretKey } = variables;
  if (variables.TEST_MODE) {
    throw new CommandError(EXIT.config, "TEST_MODE is on, and no mock answers for a broker");
  }
  // The role needs both, so they are there.
  if (keyId === undefined || secretKey === undefined) {
    throw new CommandError(EXIT.config, "ALPACA_API_KEY_ID or ALPACA_API_SECRET_KEY is missing");
  }
  const source = "/amc/ingest-portfolio";
  const opened = await openProvider({
    ...{ provider: "alpaca", variables, log, source, baseUrls: [baseUrl] },
  });
  try {
    return await new Alpaca({
      ...{ client: opened.client, baseUrl, keyId, secretKey, account },
    }).positions();
  } catch (error) {
    if (!isProviderError(error)) throw error;
    throw new CommandError(EXIT.unavailable, error.message, { cause: error });
  } finally {
    await opened.close();
  }
}
