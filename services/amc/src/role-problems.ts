import { SYSTEM_CLOCK } from "@amc/platform/clock";
import type { ConfigProblem } from "@amc/platform/config/config-error";
import type { Given, RoleCheck } from "@amc/platform/config/load-config";
import type { Role } from "@amc/platform/config/roles";
import { ApiConfigError } from "@amc/query-api/api-error";
import { parseApiKeys } from "@amc/query-api/auth/api-keys";
import { isLoopback } from "@amc/query-api/auth/served-hosts";
import { CommandError, EXIT } from "./exit-codes.ts";
import { configuredUniverse, NO_PRICES, WHOLE_MARKET_NEEDS } from "./live/universe.ts";

/** What the parts of a role would refuse once they are opened, told with everything else that is wrong. */
export function roleProblems(role: Role): RoleCheck {
  return (given) => [
    ...(role === "api" || role === "system" ? [...keyProblems(given), ...hostProblems(given)] : []),
    ...(role === "live" ? liveProblems(given) : []),
  ];
}

/** The keys of the API, whoever reads them. */
export function keyProblems({ AMC_API_KEYS: keys }: Given): ConfigProblem[] {
  if (keys === undefined) return [];
  return refusals("AMC_API_KEYS", () => parseApiKeys(keys, SYSTEM_CLOCK.nowMs()));
}

function hostProblems({ HOST: host, AMC_API_KEYS: keys }: Given): ConfigProblem[] {
  const hasKeys = keys !== undefined && !/^\s*\[\s*\]\s*$/.test(keys);
  if (host === undefined || isLoopback(host) || hasKeys) return [];
  const message = "is reachable from other machines: configure AMC_API_KEYS, or give 127.0.0.1";
  return [{ variable: "HOST", message }];
}

function liveProblems(given: Given): ConfigProblem[] {
  const { LIVE_UNIVERSE: text, POLYGON_API_KEY: key } = given;
  const isMocked = isOn(given.MOCK_POLYGON_DATA_ENABLED) || isOn(given.TEST_MODE);
  if (text === undefined || key !== undefined || isMocked) return universeProblems(text);
  const prices = /^(false|0|no)$/.test(given.YAHOO_FINANCE_ENABLED ?? "")
    ? [{ variable: "POLYGON_API_KEY", message: NO_PRICES }]
    : [];
  return [...universeProblems(text, true), ...prices];
}

function universeProblems(text: string | undefined, isWithoutPolygon = false): ConfigProblem[] {
  if (text === undefined) return [];
  return refusals("LIVE_UNIVERSE", () => {
    const { isWholeMarket } = configuredUniverse(text);
    if (isWholeMarket && isWithoutPolygon) throw new CommandError(EXIT.config, WHOLE_MARKET_NEEDS);
  });
}

function isOn(text: string | undefined): boolean {
  return /^(true|1|yes)$/.test(text ?? "");
}

/** What a reader says of a variable; its words name the variable, and never the value of a secret. */
function refusals(variable: string, read: () => unknown): ConfigProblem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof ApiConfigError) && !(error instanceof CommandError)) throw error;
    return [{ variable, message: error.message.replace(new RegExp(`^${variable}:? `), "") }];
  }
}
