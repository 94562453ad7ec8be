import type { Log } from "@amc/platform/log/port";
import { FactLocator } from "@amc/query-api/evidence/fact-locator";
import { explain as explanationOf } from "@amc/query-api/explanation/explanation";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import {
  chainFromLog,
  findRecommendation,
  type RecommendationSearch,
} from "../operations/explanation/chain-from-log.ts";
import { explanationText } from "../operations/explanation/explanation-text.ts";
import { inspectNamedLog, LOG_OPTIONS } from "../operations/named-log.ts";
import { formatEasternTime } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const EXPLAIN: CommandSpec = {
  name: "explain",
  summary: "Says why something was recommended, down to the facts in the log",
  examples: [
    "npm run amc -- explain 66bdca12-ba2b-8298-beca-10ed576370b9",
    "npm run --silent amc -- explain 66bdca12-ba2b-8298-beca-10ed576370b9 --json",
  ],
  options: LOG_OPTIONS,
  positionals: ["recommendation id"],
  run: (words) => inspectNamedLog(words, (log) => explain(words, log)),
};

async function explain(words: CommandWords, log: Log): Promise<number> {
  const [id = ""] = words.positionals;
  const search = await findRecommendation(log, id);
  if (search.found === null) throw notFound(id, search);
  const chain = await chainFromLog(log, search.found);
  const facts = new FactLocator(log);
  const printer = new Printer(words.flag("json"));
  if (printer.json) {
    printer.line({ type: "explanation", id, ...(await explanationOf(chain, facts)) }, null);
  } else {
    printer.line(null, await explanationText(chain, facts));
  }
  return EXIT.ok;
}

function notFound(id: string, { newest }: RecommendationSearch): CommandError {
  if (newest === null) return new CommandError(EXIT.failed, "this log holds no recommendation yet");
  const { symbol, happenedAt } = newest.event;
  return new CommandError(
    EXIT.failed,
    `this log holds no recommendation ${id}; the newest is ${newest.id} (${symbol}, ${formatEasternTime(happenedAt)})`,
  );
}
