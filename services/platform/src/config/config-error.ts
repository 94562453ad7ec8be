export interface ConfigProblem {
  /** Variable that is wrong; its value is never repeated, it may be a secret. */
  readonly variable: string;
  readonly message: string;
}

/** Every problem of the configuration at once, so that one restart is enough. */
export class ConfigError extends Error {
  readonly code = "config.invalid";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable}: ${message}`);
    super(`the configuration has ${problems.length} problem(s):\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}
