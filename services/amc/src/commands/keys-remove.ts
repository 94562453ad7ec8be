import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { KEYS_OPTIONS, keyStore, withoutKeysError } from "../operations/key-settings.ts";
import { Printer } from "../output/printer.ts";

export const KEYS_REMOVE: CommandSpec = {
  name: "keys remove",
  summary: "Takes a provider's key out of the store; no master key is needed",
  examples: ["npm run amc -- keys remove POLYGON_API_KEY"],
  positionals: ["name"],
  options: KEYS_OPTIONS,
  run,
};

async function run(words: CommandWords): Promise<number> {
  const [name = ""] = words.positionals;
  withoutKeysError(() => keyStore().remove(name));
  const line = { type: "key-removed", name };
  new Printer(words.flag("json")).line(line, `${name} is not stored any more`);
  return EXIT.ok;
}
