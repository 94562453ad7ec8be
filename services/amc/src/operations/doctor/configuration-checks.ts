import { ConfigError } from "@amc/platform/config/config-error";
import {
  loadConfig,
  loadProcessConfig,
  processReservedWarning,
} from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { apiConfigOf, assertSafeToListen } from "@amc/query-api/config";
import { type Check, fail, ok, reasonOf, warn } from "./check.ts";

export interface ConfigurationFound {
  /** The configuration, or the defaults where it is wrong. */
  readonly variables: Variables;
  readonly checks: readonly Check[];
}

export function configurationChecks(): ConfigurationFound {
  try {
    const variables = loadProcessConfig();
    const shown = ok("configuration", "npm run amc -- config print shows it");
    const reserved = processReservedWarning();
    if (reserved === null) return { variables, checks: [shown] };
    const mend = "take them away, or leave them: they change nothing";
    return { variables, checks: [shown, warn("configuration", reserved, mend)] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const checks = error.problems.map(({ variable, message }) =>
      fail(
        "configuration",
        `${variable}: ${message}; looking on with defaults`,
        `set ${variable} as .env.example says`,
      ),
    );
    return { variables: loadConfig({}), checks };
  }
}

/** Who may ask the API: nobody but this machine, or whoever has a key. */
export function accessCheck(variables: Variables, nowMs: number): Check {
  try {
    const config = apiConfigOf(variables, nowMs);
    assertSafeToListen(config);
    const keys = config.keys.length === 0 ? "without keys" : `with ${config.keys.length} keys`;
    return ok("API access", `${config.host} ${keys}`);
  } catch (error) {
    return fail("API access", reasonOf(error), "set AMC_API_KEYS, or HOST=127.0.0.1");
  }
}
