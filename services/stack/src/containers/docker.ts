import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { processEnvironmentWith } from "@amc/platform/config/load-config";
import { errorCode } from "@amc/platform/postgres/errors";

/** How a call of `docker` ended. */
export interface DockerAnswer {
  /** Null when there is no such program; 128 when a signal ended it, such as that of its timeout. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Lines of its progress and of what went wrong. */
  readonly progress: readonly string[];
}

export interface DockerCall {
  /** Ends the call after so long; without it, it takes as long as it takes: images are pulled. */
  readonly timeoutMs?: number;
  /** Set beside what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told each line of progress as it comes. */
  readonly onProgress?: (line: string) => void;
}

const BY_SIGNAL = 128;

/** Runs the `docker` of the path; rejects only when the system refuses to start it at all. */
export async function runDocker(
  words: readonly string[],
  { timeoutMs, environment = {}, onProgress }: DockerCall = {},
): Promise<DockerAnswer> {
  const child = spawn("docker", words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: processEnvironmentWith(environment),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  const ended = Promise.withResolvers<number | null>();
  child.once("error", (error) => {
    if (errorCode(error) === "ENOENT") ended.resolve(null);
    else ended.reject(error);
  });
  child.once("close", (code) => ended.resolve(code ?? BY_SIGNAL));
  const progress: string[] = [];
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => {
    if (line.trim() === "") return;
    progress.push(line);
    onProgress?.(line);
  });
  const [stdout, exitCode] = await Promise.all([text(child.stdout), ended.promise]);
  return { exitCode, stdout, progress };
}
