import { fork } from "node:child_process";
import { BenchError, type Measured, type Scale } from "./workload.ts";

/** One run of a workload, with what its process needed. */
export interface ChildRun extends Measured {
  readonly peakRssMiB: number;
}

export interface ChildOptions {
  readonly name: string;
  readonly scale: Scale;
  /** Writes a CPU profile of the measured part to this file. */
  readonly profile: string | undefined;
}

const BODY = new URL("./child.ts", import.meta.url);

/**
 * Runs a workload once in a process of its own, so that no run profits from code that another has
 * warmed up or pays for its garbage. Throws `bench.child-failed` when it ends without a result; what
 * it said on stderr has been shown.
 */
export function runInChild({ name, scale, profile }: ChildOptions): Promise<ChildRun> {
  const words = profile === undefined ? [name, scale] : [name, scale, profile];
  const child = fork(BODY, words, {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return new Promise((resolve, reject) => {
    let result: ChildRun | null = null;
    child.once("message", (message: ChildRun) => {
      result = message;
    });
    child.once("error", reject);
    child.once("exit", (exitCode, signal) => {
      if (result !== null && exitCode === 0) resolve(result);
      else {
        const facts = { workload: name, exitCode, signal };
        reject(new BenchError("bench.child-failed", `workload ${name} gave no result`, facts));
      }
    });
  });
}
