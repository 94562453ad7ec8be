/** One thing that was looked at. A warning leaves `npm start`, or the services of a cluster, working; a failure is to be mended. */
export interface Check {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly detail: string;
  /** The command or the change that mends it; null when there is nothing to mend. */
  readonly mend: string | null;
}

export function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail, mend: null };
}

export function warn(name: string, detail: string, mend: string): Check {
  return { name, status: "warn", detail, mend };
}

export function fail(name: string, detail: string, mend: string): Check {
  return { name, status: "fail", detail, mend };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
