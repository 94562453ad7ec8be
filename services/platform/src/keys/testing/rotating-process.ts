import { writeFileSync } from "node:fs";
import { keyFileText } from "../key-file.ts";
import { KeyStore } from "../key-store.ts";
import { parseMasterKeys } from "../master-key.ts";
import { sealKey } from "../sealed-key.ts";

/**
 * Rotates the store at a path and is killed right after the step of that name; `in-place` stands for
 * a build that writes over the file and is killed half-way. Words: path, master keys, step.
 */
const [path = "", masterKeys = "", last = ""] = process.argv.slice(2);
const masters = parseMasterKeys(masterKeys);
const AT = "2026-07-02T03:04:05.000Z";
const end = () => process.kill(process.pid, "SIGKILL");

if (last === "in-place") {
  const store = new KeyStore({ path, masters });
  const names = store.list().map(({ name }) => name);
  const sealed = [...store.open(names)].map(([name, key]) => sealKey(name, key, masters[0], AT));
  const text = keyFileText(sealed);
  writeFileSync(path, text.slice(0, text.length / 2));
  end();
}
new KeyStore({ path, masters, onStep: (step) => step === last && end() }).rotate(AT);
