/** A name that is kept for a part of the system that does not exist yet. */
interface ReservedVariable {
  /** What it will mean. */
  readonly doc: string;
  /** Why giving it has no effect. */
  readonly why: string;
}

const NO_SLACK = "alerts are shown on the console, and sent as text messages, only";

/**
 * Names that operators will need and that no code reads: kept, so that none of them comes to mean
 * something else, and told apart from those that work. A test fails as soon as code reads one; then it
 * belongs to the variables of variables.ts. Those that are checked already, because a role will not start
 * without them, are in both.
 */
export const RESERVED_VARIABLES = {
  SLACK_WEBHOOK_URL: { doc: "where alerts for Slack go", why: NO_SLACK },
} as const satisfies Readonly<Record<string, ReservedVariable>>;

export function isReserved(name: string): name is keyof typeof RESERVED_VARIABLES {
  return Object.hasOwn(RESERVED_VARIABLES, name);
}

/** One line about the reserved names that an environment gives, without their values; null for none. */
export function reservedWarning(
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const given = Object.keys(RESERVED_VARIABLES).filter((name) =>
    [environment[name], environment[`${name}_FILE`]].some((text) => (text ?? "") !== ""),
  );
  if (given.length === 0) return null;
  return `set, but reserved and read by nothing yet (.env.example says why): ${given.join(", ")}`;
}
