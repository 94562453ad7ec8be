/** What the exit code of every command means; documented in docs/commands.md. */
export const EXIT = {
  ok: 0,
  /** The command ran and its answer is no: a check failed, something is not ready. */
  failed: 1,
  /** Wrong words on the command line (EX_USAGE). */
  usage: 64,
  /** A file or recording cannot be read (EX_NOINPUT). */
  noInput: 66,
  /** Something the system needs is missing or does not answer (EX_UNAVAILABLE). */
  unavailable: 69,
  /** The process stopped itself: damage, a lost lease, a stall (EX_SOFTWARE). */
  internal: 70,
  /** The configuration is wrong and nothing was started (EX_CONFIG). */
  config: 78,
} as const;

/** An expected end of a command: the message is for the person, the code for the script. */
export class CommandError extends Error {
  readonly code = "command.failed";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}
