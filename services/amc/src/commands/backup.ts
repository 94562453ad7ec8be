import { resolve } from "node:path";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { backUp } from "../operations/backup/back-up.ts";
import { DATA_DIRECTORY_OPTIONS, existingDataDirectory } from "../operations/data-directory.ts";
import { recordCount } from "../operations/topic-contents.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const BACKUP: CommandSpec = {
  name: "backup",
  summary: "Copies the log as of one commit, checked and with digests, also while npm start runs",
  examples: [
    "npm run amc -- backup ../amc-backup-2021-01-13",
    "npm run --silent amc -- backup ../amc-backup-2021-01-13 --data-dir .amc --json",
  ],
  options: DATA_DIRECTORY_OPTIONS,
  positionals: ["directory"],
  run,
};

async function run(words: CommandWords): Promise<number> {
  const source = existingDataDirectory(words);
  const target = resolve(words.positionals[0] ?? "");
  const manifest = await backUp(source, target, Date.now());
  const { commits, createdAt, logFormat, topics, files } = manifest;
  const records = topics.reduce((sum, { partitions }) => sum + recordCount(partitions), 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const printer = new Printer(words.flag("json"));
  printer.line(
    { type: "backup", directory: target, createdAt, logFormat, commits, records, bytes, files },
    `${formatCount(records)} records of ${formatCount(commits)} commits, ${formatCount(bytes)} bytes, in ${target}`,
  );
  printer.note(
    `Tables are not in it: they are rebuilt from the log. Restore with: npm run amc -- restore ${target} --data-dir <new directory>`,
  );
  return EXIT.ok;
}
