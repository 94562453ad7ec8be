/** The same numbers as those of `npm run amc`; documented in docs/commands.md. */
export const EXIT = {
  ok: 0,
  /** It ran, and the answer is no: something does not run, topics differ. */
  failed: 1,
  usage: 64,
  /** Something needed is missing or does not answer. */
  unavailable: 69,
  internal: 70,
  config: 78,
} as const;

/** Wrong words on the command line. */
export class UsageError extends Error {
  readonly code = "stack.usage";
}
