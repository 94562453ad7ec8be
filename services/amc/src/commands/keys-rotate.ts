import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { KEYS_OPTIONS, keyStore, now, withoutKeysError } from "../operations/key-settings.ts";
import { Printer } from "../output/printer.ts";

export const KEYS_ROTATE: CommandSpec = {
  name: "keys rotate",
  summary: "Seals every stored key anew under the first of API_KEY_ENCRYPTION_KEY",
  examples: ["npm run amc -- keys rotate", "npm run --silent amc -- keys rotate --json"],
  options: KEYS_OPTIONS,
  run,
};

async function run(words: CommandWords): Promise<number> {
  const keys = withoutKeysError(() => keyStore().rotate(now()));
  const keyId = keys[0]?.keyId ?? null;
  const printer = new Printer(words.flag("json"));
  printer.line(
    { type: "keys-rotated", keyId, names: keys.map(({ name }) => name) },
    keyId === null ? "no key is stored" : `${keys.length} keys are sealed under ${keyId} now`,
  );
  if (keyId !== null) printer.note("API_KEY_ENCRYPTION_KEY needs no other master key any more.");
  return EXIT.ok;
}
