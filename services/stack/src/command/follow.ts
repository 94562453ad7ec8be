import { spawn } from "node:child_process";

/** Shows the ends of files and what is added to them until it is interrupted; returns the exit code. */
export function followFiles(paths: readonly string[], lines: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const tail = spawn("tail", ["-n", String(lines), "-F", ...paths], { stdio: "inherit" });
  tail.once("error", reject);
  tail.once("exit", (code) => resolve(code ?? 0));
  return promise;
}
