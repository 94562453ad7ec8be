import { resolve } from "node:path";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { restore } from "../operations/backup/restore.ts";
import { DATA_DIRECTORY_OPTIONS, namedDataDirectory } from "../operations/data-directory.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const RESTORE: CommandSpec = {
  name: "restore",
  summary: "Puts the log of a backup into a new data directory, after checking every digest",
  examples: [
    "npm run amc -- restore ../amc-backup-2021-01-13 --data-dir .amc-restored",
    "npm run --silent amc -- restore ../amc-backup-2021-01-13 --data-dir .amc-restored --json",
  ],
  options: {
    ...DATA_DIRECTORY_OPTIONS,
    "data-dir": {
      type: "string",
      value: "<dir>",
      doc: "new or empty data directory; AMC_DATA_DIR by default",
    },
  },
  positionals: ["directory"],
  run,
};

async function run(words: CommandWords): Promise<number> {
  const target = namedDataDirectory(words);
  const backup = resolve(words.positionals[0] ?? "");
  const { manifest, contents } = await restore(backup, target);
  const { createdAt } = manifest;
  const printer = new Printer(words.flag("json"));
  printer.line(
    { type: "restore", backup, directory: target.path, createdAt, ...contents },
    `${formatCount(contents.records)} records of ${formatCount(contents.commits)} commits, as of ${createdAt}, in ${target.path}`,
  );
  printer.note(
    `npm start -- --data-dir ${target.path} goes on from there and rebuilds the tables.`,
  );
  return EXIT.ok;
}
