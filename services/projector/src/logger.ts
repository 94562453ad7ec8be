/** The part of a pino logger that the projector uses: facts first, then what happened. */
export interface ProjectorLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
