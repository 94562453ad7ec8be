import { ConfigError } from "../config-error.ts";
import { loadConfig } from "../load-config.ts";

/** What is wrong with an environment; nothing where it is a configuration. */
export function problemsOf(environment: Readonly<Record<string, string>>): ConfigError["problems"] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
