import type { FaultOutcome } from "./fault.ts";

type Found = Pick<FaultOutcome, "violations" | "exceeded">;

interface Verdict {
  /** The sound build held, and the broken one was caught where there is one. */
  readonly ok: boolean;
  /** The first violation of the broken build; null when it was not caught, or left out. */
  readonly caughtBy: string | null;
}

/**
 * Holds the sound build to everything, and the broken one to what the fault is about alone: that it was
 * slow, large or ended early would be found of a build without the defect, too. `broken` is null where
 * the control is left out.
 */
export function judge(sound: Found, broken: Found | null): Verdict {
  const holds = sound.violations.length + (sound.exceeded ?? []).length === 0;
  const caughtBy = broken?.violations[0] ?? null;
  return { ok: holds && (broken === null || caughtBy !== null), caughtBy };
}

/**
 * The violations of a run with several broken builds, `found` by what is broken: one line about all of
 * them, and none at all where one was missed, because that one would be a control nobody has caught.
 */
export function caughtEach(found: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const told = Object.entries(found).map(([defect, violations]) => {
    return violations[0] === undefined ? null : `${defect}: ${violations[0]}`;
  });
  return told.includes(null) ? [] : [told.join("; ")];
}
