import type { ApiContext } from "../context.ts";
import { probeNamed } from "./components.ts";

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** The cache is left out: every answer can come from the tables. */
const NEEDED = ["database", "log", "stages", "projector"] as const;

/** True only when stages and tables have caught up with the log and the dependencies answer. */
export async function readiness(context: ApiContext): Promise<Readiness> {
  const components = await probeNamed(context, NEEDED);
  const reasons = NEEDED.flatMap((name) => {
    const component = components.get(name);
    return component?.status === "healthy" ? [] : [`${name}: ${component?.detail ?? "unknown"}`];
  });
  return { ready: reasons.length === 0, reasons };
}
