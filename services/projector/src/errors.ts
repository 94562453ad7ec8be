/** Stable codes of the projector. Callers match the code, never the text or the class. */
export type ProjectorErrorCode =
  | "projector.fenced"
  | "projector.not-advanced"
  | "projector.replaced"
  | "projector.rebuild-running"
  | "projector.rebuild-differs"
  | "projector.nothing-to-swap-back";

export type ProjectorErrorFacts = Readonly<Record<string, string | number>>;

export class ProjectorError extends Error {
  readonly code: ProjectorErrorCode;
  readonly facts: ProjectorErrorFacts;

  constructor(
    code: ProjectorErrorCode,
    message: string,
    facts: ProjectorErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ProjectorError";
    this.code = code;
    this.facts = facts;
  }
}

export function isProjectorError(
  error: unknown,
  code?: ProjectorErrorCode,
): error is ProjectorError {
  return error instanceof ProjectorError && (code === undefined || error.code === code);
}

/** A newer owner has the projection. */
export function projectorFenced({
  projection,
  owner,
}: {
  readonly projection: string;
  readonly owner: string;
}): ProjectorError {
  const message = `another projector owns ${projection} now`;
  return new ProjectorError("projector.fenced", message, { projection, owner });
}

/** The tables that were written are in use no longer. */
export function projectorReplaced(projection: string): ProjectorError {
  return new ProjectorError("projector.replaced", "other tables were swapped in", { projection });
}
