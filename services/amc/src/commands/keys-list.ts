import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { KEYS_OPTIONS, keyStore, withoutKeysError } from "../operations/key-settings.ts";
import { textTable } from "../operations/text-table.ts";
import { Printer } from "../output/printer.ts";

export const KEYS_LIST: CommandSpec = {
  name: "keys list",
  summary: "Names the stored keys of providers, since when and under which master key",
  examples: ["npm run amc -- keys list"],
  options: KEYS_OPTIONS,
  run,
};

async function run(words: CommandWords): Promise<number> {
  const printer = new Printer(words.flag("json"));
  const store = keyStore();
  const keys = withoutKeysError(() => store.list());
  const rows = keys.map(({ name, keyId, sealedAt }) => {
    const canBeOpened = store.canOpen(keyId);
    printer.line({ type: "key", name, keyId, sealedAt, canBeOpened }, null);
    return [name, sealedAt, keyId, canBeOpened ? "" : "its master key is not given"];
  });
  printer.line(null, rows.length === 0 ? "no key is stored" : textTable(rows).join("\n"));
  return EXIT.ok;
}
