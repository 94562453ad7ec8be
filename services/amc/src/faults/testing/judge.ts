import type { FaultOutcome } from "./fault.ts";

type Found = Pick<FaultOutcome, "strikes" | "violations" | "exceeded">;

interface Verdict {
  /** The sound build held all that was asked, and the broken one was caught where there is one. */
  readonly ok: boolean;
  /** Strikes that were asked for and not made: nothing goes wrong where nothing is struck. */
  readonly missing: number;
  /** The first violation of the broken build; null when it was not caught, or left out. */
  readonly caughtBy: string | null;
}

/**
 * Holds the sound build to everything, `asked` strikes included, and the broken one to what the fault is
 * about alone: that it was slow, large or ended early would be found of a build without the defect, too.
 * `broken` is null where the control is left out.
 */
export function judge(asked: number, sound: Found, broken: Found | null): Verdict {
  const missing = Math.max(0, asked - sound.strikes);
  const holds = sound.violations.length + (sound.exceeded ?? []).length + missing === 0;
  const caughtBy = broken?.violations[0] ?? null;
  return { ok: holds && (broken === null || caughtBy !== null), missing, caughtBy };
}

/**
 * What a run with several broken builds has found of each, by what is broken: one violation that tells of
 * all of them. Where one was missed there is none, because that one is a control nobody has caught;
 * `exceeded` says which.
 */
export function caughtEach(
  found: Readonly<Record<string, readonly string[]>>,
): Required<Omit<Found, "strikes">> {
  const told: string[] = [];
  const missed: string[] = [];
  for (const [defect, [first]] of Object.entries(found)) {
    if (first === undefined) missed.push(`nothing was found of ${defect}`);
    else told.push(`${defect}: ${first}`);
  }
  return {
    violations: missed.length === 0 ? [told.join("; ")] : [],
    exceeded: [...missed, ...told],
  };
}
