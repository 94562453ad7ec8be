import { parseArgs } from "node:util";

export interface FaultOptions {
  readonly isFull: boolean;
  /** Ids of faults; undefined for all of them. */
  readonly only: readonly string[] | undefined;
  /** Undefined where each fault has its own number. */
  readonly strikes: number | undefined;
  /** Number of the first strike in the run in full; undefined for 1. */
  readonly fromStrike: number | undefined;
  readonly seed: number;
  readonly skipsControl: boolean;
  readonly isJson: boolean;
  readonly isHelp: boolean;
}

/** F22 in full strikes 100,000 times; more than ten times that is a slip of the finger. */
const STRIKES_MAX = 1_000_000;
const SEED_MAX = 2 ** 31;

/**
 * What a run of faults was asked to do, or why that cannot be done: a number that is none must not
 * become a run without a fault, which finds nothing wrong. `known` are the ids of all faults.
 */
export function faultOptions(
  args: readonly string[],
  known: readonly string[],
): FaultOptions | { readonly problem: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        full: { type: "boolean", default: false },
        only: { type: "string" },
        strikes: { type: "string" },
        "from-strike": { type: "string" },
        seed: { type: "string", default: "1" },
        "skip-control": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const only = values.only?.split(",");
    const strangers = only?.filter((id) => !known.includes(id)) ?? [];
    if (strangers.length > 0) return { problem: `there is no fault ${strangers.join(", ")}` };
    return {
      only,
      strikes: optionalCount("strikes", values.strikes),
      fromStrike: optionalCount("from-strike", values["from-strike"]),
      seed: wholeNumber("seed", values.seed, 0, SEED_MAX),
      ...{ isFull: values.full, isJson: values.json, isHelp: values.help },
      skipsControl: values["skip-control"],
    };
  } catch (error) {
    // Unknown words and numbers out of range; Node's words for the former are clear enough.
    if (error instanceof TypeError || error instanceof RangeError) {
      return { problem: error.message };
    }
    throw error;
  }
}

function optionalCount(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(name, text, 1, STRIKES_MAX);
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new RangeError(`--${name} takes a whole number from ${least} to ${most}, was "${text}"`);
}
