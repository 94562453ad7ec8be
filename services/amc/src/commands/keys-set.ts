import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { isStorableKey, STORABLE_KEYS } from "@amc/platform/config/provider-variables";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { KEYS_OPTIONS, keyStore, now, withoutKeysError } from "../operations/key-settings.ts";
import { Printer } from "../output/printer.ts";

export const KEYS_SET: CommandSpec = {
  name: "keys set",
  summary: "Stores a provider's key encrypted, read from stdin or a file",
  examples: [
    "npm run amc -- keys set POLYGON_API_KEY < key.txt",
    "npm run amc -- keys set ALPHA_VANTAGE_API_KEY --file /run/secrets/alpha-vantage",
  ],
  positionals: ["name"],
  options: {
    file: { type: "string", value: "<path>", doc: "file that holds the key; stdin by default" },
    ...KEYS_OPTIONS,
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const [name = ""] = words.positionals;
  if (!isStorableKey(name)) {
    throw new CommandError(EXIT.usage, `keys set takes ${STORABLE_KEYS.join(" or ")}`);
  }
  const secret = (await givenText(words.text("file"))).trim();
  const keyId = withoutKeysError(() => keyStore().set(name, secret, now()));
  new Printer(words.flag("json")).line(
    { type: "key-stored", name, keyId },
    `${name} is stored, sealed under the master key ${keyId}`,
  );
  return EXIT.ok;
}

/** Never a word of the command line: others see those, and shells remember them. */
async function givenText(path: string | undefined): Promise<string> {
  if (path === undefined) {
    if (!process.stdin.isTTY) return await text(process.stdin);
    const message = "give the key on stdin (amc keys set <name> < key.txt) or with --file <path>";
    throw new CommandError(EXIT.usage, message);
  }
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    const message = `cannot read the file that --file names (${reason})`;
    throw new CommandError(EXIT.noInput, message, { cause: error });
  }
}
