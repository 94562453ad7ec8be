import { createHash } from "node:crypto";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { isProviderError, type ProviderError } from "@amc/platform/http/provider-error";
import { questionBody } from "@amc/streams/insight/question";
import type { Aggregates } from "@amc/streams/insight/tally";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { dateOf } from "../operations/ingest-words.ts";
import {
  type AnsweredInsight,
  askForInsight,
  messagesRequest,
} from "../operations/insight/anthropic.ts";
import { adviceFor, textOfInsight } from "../operations/insight/insight-text.ts";
import { aggregatesOf, type WantedSpan } from "../operations/insight/log-aggregates.ts";
import {
  type AnthropicAccess,
  isMocked,
  openAnthropic,
} from "../operations/insight/open-anthropic.ts";
import { inspectNamedLog, LOG_OPTIONS, withNamedLog } from "../operations/named-log.ts";
import { Printer } from "../output/printer.ts";
import { stopSignal } from "../stop-signal.ts";

/** Four weeks: about twenty trading days. */
const DAYS_DEFAULT = 28;

export const INSIGHT: CommandSpec = {
  name: "insight",
  summary: "Asks a model what the figures of some weeks suggest; nothing is applied",
  examples: [
    "npm run amc -- insight --dry-run",
    "MOCK_ANTHROPIC_DATA_ENABLED=true npm run amc -- insight",
    "ANTHROPIC_API_KEY_FILE=key npm run amc -- insight --to 2025-09-05 --days 7",
  ],
  options: {
    days: {
      type: "string",
      value: "<n>",
      doc: `calendar days that are looked at, 1 to 366; ${DAYS_DEFAULT} by default`,
    },
    to: {
      type: "string",
      value: "<date>",
      doc: "the last of them; by default the newest trading day with a run",
    },
    "dry-run": { type: "boolean", doc: "prints what would be sent, and asks nobody; needs no key" },
    ...LOG_OPTIONS,
  },
  run,
};

/** What is asked, with the name that an answer to it is known by. */
interface Question {
  readonly aggregates: Aggregates;
  readonly body: string;
  /** SHA-256 of the body. */
  readonly inputHash: string;
}

async function run(words: CommandWords): Promise<number> {
  const wanted = spanOf(words);
  if (words.flag("dry-run")) return await showQuestion(words, wanted);
  // Without a key nothing else is looked at.
  const variables = loadProcessConfig("insight");
  return await withNamedLog(words, async (log) => {
    const question = questionOn(variables, await aggregatesOf(log, wanted));
    const access = await openAnthropic(variables, log);
    try {
      return await askAndTell(words, question, access);
    } finally {
      await access.close();
    }
  });
}

function spanOf(words: CommandWords): WantedSpan {
  const to = words.text("to");
  const days = words.count("days", 1, 366) ?? DAYS_DEFAULT;
  return { days, through: to === undefined ? null : dateOf(to) };
}

async function showQuestion(words: CommandWords, wanted: WantedSpan): Promise<number> {
  const variables = loadProcessConfig();
  const aggregates = await inspectNamedLog(words, (log) => aggregatesOf(log, wanted));
  const { body, inputHash } = questionOn(variables, aggregates);
  const base = isMocked(variables) ? "http://mock" : variables.ANTHROPIC_BASE_URL;
  const { url, headers = {} } = messagesRequest(base, "<ANTHROPIC_API_KEY>", body);
  const printer = new Printer(words.flag("json"));
  printer.line(
    { type: "insight-question", method: "POST", url: url.href, headers, body, inputHash },
    body,
  );
  if (!printer.json) {
    const names = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
    printer.note([`not sent: POST ${url.href}`, ...names, `  input ${inputHash}`].join("\n"));
  }
  return EXIT.ok;
}

function questionOn({ ANTHROPIC_MODEL: model }: Variables, known: Aggregates | null): Question {
  if (known === null) {
    const message =
      "the log has no run in these days, so there is nothing to ask about: give --to <date> and --days <n>, see npm run amc -- status";
    throw new CommandError(EXIT.failed, message);
  }
  const body = questionBody(model, known);
  return { aggregates: known, body, inputHash: createHash("sha256").update(body).digest("hex") };
}

async function askAndTell(
  words: CommandWords,
  question: Question,
  { client, baseUrl, apiKey }: AnthropicAccess,
): Promise<number> {
  const { aggregates, body, inputHash } = question;
  const printer = new Printer(words.flag("json"));
  const { from, through, simulated } = aggregates;
  const mocked = client.simulated;
  const about = { from, through, simulated: simulated || mocked, mocked, inputHash };
  try {
    const request = messagesRequest(baseUrl, apiKey, body);
    // Who gives up is billed all the same: that call is written down, too, before the process ends.
    const stop = stopSignal();
    const answered: AnsweredInsight = await askForInsight(client, request, aggregates, stop);
    const { insight, ...rest } = answered;
    printer.line(
      { type: "insight", ...about, ...rest, insight, reason: null },
      textOfInsight(answered, about, aggregates),
    );
    return EXIT.ok;
  } catch (error) {
    if (!isProviderError(error)) throw error;
    printer.line({ type: "insight", ...about, insight: null, reason: reasonOf(error) }, null);
    const message = `no insight: ${error.message} [${error.code}]${adviceFor(error)}`;
    throw new CommandError(EXIT.unavailable, message, { cause: error });
  }
}

function reasonOf({ code, message }: ProviderError): object {
  return { code, message };
}
