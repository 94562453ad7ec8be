import { verifyFileLog } from "../file/verify.ts";
import { openFileLog } from "../file.ts";
import { type CommittingMode, lastAcknowledged, startCommitting } from "./child.ts";
import { faultsOf, lastNumber, NUMBERED_LAYOUT } from "./numbered-commits.ts";

/** Acknowledgements after which a writer is killed: within a group, at its end, around checkpoints. */
export const ACKNOWLEDGEMENTS_MAX = 61;

/** Opens the log of numbered commits that lies in a directory. */
export function openNumberedLog(directory: string) {
  return openFileLog({ directory, layout: NUMBERED_LAYOUT, clock: Date.now });
}

/** Starts a committing process and kills it after so many acknowledgements; what is wrong with its log. */
export async function killWriter(
  directory: string,
  mode: CommittingMode,
  acknowledgements: number,
): Promise<readonly string[]> {
  const child = startCommitting(directory, mode);
  await child.acknowledged(acknowledgements);
  child.process.kill("SIGKILL");
  await child.ended;
  const faults = await faultsIn(directory, lastAcknowledged(child.lines));
  verifyFileLog(directory);
  return faults;
}

/** What is wrong with a log of which `acknowledged` was the last commit to be acknowledged. */
export async function faultsIn(
  directory: string,
  acknowledged: number,
): Promise<readonly string[]> {
  const log = await openNumberedLog(directory);
  try {
    return await faultsOf(log, acknowledged);
  } finally {
    await log.close();
  }
}

/** The number of the last commit in a log. */
export async function lastCommit(directory: string): Promise<number> {
  const log = await openNumberedLog(directory);
  try {
    return await lastNumber(log);
  } finally {
    await log.close();
  }
}
