import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import type { LogTail } from "../logs.ts";
import type { PartName } from "../parts.ts";
import { compose, composeWords } from "./compose.ts";
import { containersNow } from "./part-containers.ts";

/** The last lines that the containers of the parts have written. */
export async function logsOfContainers(
  parts: readonly PartName[],
  count: number,
): Promise<LogTail[]> {
  const containers = await containersNow();
  const found = parts.flatMap((part) => containers.get(part) ?? []);
  return Promise.all(
    found.map(async ({ Name, Service }) => {
      const words = ["logs", "--no-color", "--no-log-prefix", "--tail", String(count), Service];
      const { stdout, progress } = await compose(words);
      // Docker keeps apart what a server wrote to its two outputs, so their order is lost.
      // Compose puts the code that clears a terminal's line before each.
      const text = stripVTControlCharacters([stdout, ...progress].join("\n"));
      const lines = text.split("\n").filter((line) => line !== "");
      return { name: Name, path: null, lines: lines.slice(-count) };
    }),
  );
}

/** Shows the ends of the logs and what is added to them until it is interrupted; returns the exit code. */
export function followContainers(parts: readonly PartName[], lines: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const words = composeWords(["logs", "--follow", "--tail", String(lines), ...parts]);
  const docker = spawn("docker", words, { stdio: "inherit" });
  docker.once("error", reject);
  docker.once("exit", (code) => resolve(code ?? 0));
  return promise;
}
