import { statSync } from "node:fs";
import { STORABLE_KEYS } from "@amc/platform/config/provider-variables";
import type { Variables } from "@amc/platform/config/variables";
import { KeyStore, keysProblem } from "@amc/platform/keys/key-store";
import { parseMasterKeys } from "@amc/platform/keys/master-key";
import { type Check, fail, ok, warn } from "./check.ts";

const NAME = "provider keys";

/** Keys of providers at rest: whether they can be opened, who else may read them, and how old they are. */
export function keyStoreCheck({
  AMC_KEY_STORE: path,
  API_KEY_ENCRYPTION_KEY: text,
}: Variables): Check {
  const masters = text === undefined ? [] : parseMasterKeys(text);
  const store = new KeyStore({ path, masters });
  try {
    const keys = store.list();
    if (keys.length === 0) return ok(NAME, `none is stored in ${path}`);
    const names = keys.map(({ name }) => name).join(", ");
    if (text === undefined) {
      const mend = "give API_KEY_ENCRYPTION_KEY, or the keys themselves";
      return warn(NAME, `${names} cannot be opened without a master key`, mend);
    }
    store.open(STORABLE_KEYS);
    if ((statSync(path).mode & 0o077) !== 0) {
      return warn(NAME, `others than its owner may read ${path}`, `chmod 600 ${path}`);
    }
    const isOld = keys.some(({ keyId }) => keyId !== masters[0]?.id);
    if (!isOld) return ok(NAME, `${names} can be opened`);
    return warn(NAME, "some stand under a master key of before", "npm run amc -- keys rotate");
  } catch (error) {
    return fail(NAME, keysProblem(error), "npm run amc -- keys list tells more");
  }
}
