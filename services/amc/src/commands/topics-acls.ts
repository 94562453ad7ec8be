import { grants, principalOf } from "@amc/platform/log/kafka/access/grants";
import { aclScript } from "@amc/platform/log/kafka/access/kafka-acls-text";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { Printer } from "../output/printer.ts";

export const TOPICS_ACLS: CommandSpec = {
  name: "topics acls",
  summary: "Prints what each principal may do on Kafka, as a script for kafka-acls.sh",
  examples: [
    "npm run --silent amc -- topics acls",
    "npm run --silent amc -- topics acls --prefix blue. --json",
  ],
  options: {
    prefix: {
      type: "string",
      value: "<text>",
      doc: "what the topics of this installation begin with; nothing by default",
    },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const granted = grants(words.text("prefix"));
  const printer = new Printer(words.flag("json"));
  for (const grant of granted) {
    printer.line({ type: "grant", principal: principalOf(grant.role), ...grant }, null);
  }
  printer.line(null, aclScript(granted).trimEnd());
  return EXIT.ok;
}
