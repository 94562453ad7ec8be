import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Measured, Workload } from "../workload.ts";

const MAIN = new URL("../../main.ts", import.meta.url);
const SAMPLE_EVERY_MS = 200;

export const START_UP: Workload = {
  name: "start-up",
  summary: "start with a new data directory and the built-in case, until its first recommendation",
  simulated: false,
  metrics: {
    firstRecommendation: { unit: "ms" },
    done: { unit: "ms" },
    peakRss: { unit: "MiB" },
  },
  run: measureStart,
};

async function measureStart(): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), "amc-bench-"));
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...[MAIN.pathname, "start", "--exit-when-done", "--json"],
      ...["--port", "0", "--data-dir", directory],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("exit", resolve);
    child.once("error", reject);
  });
  let peakRssMiB = 0;
  const sampler = setInterval(() => {
    peakRssMiB = Math.max(peakRssMiB, residentMiB(child.pid));
  }, SAMPLE_EVERY_MS);
  try {
    const lines: string[] = [];
    let firstMs = Number.NaN;
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      const isFirst = Number.isNaN(firstMs) && line.includes('"type":"recommendation"');
      if (isFirst) firstMs = performance.now() - startedMs;
    }
    const exitCode = await ended;
    if (exitCode !== 0) throw new Error(`start ended with ${exitCode}`);
    const doneMs = performance.now() - startedMs;
    return {
      values: { firstRecommendation: firstMs, done: doneMs, peakRss: peakRssMiB },
      facts: { lines: lines.length },
    };
  } finally {
    clearInterval(sampler);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Resident memory of the Node process alone; 0 where there is no /proc. */
function residentMiB(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch (error) {
    // The process has ended between two samples, or this is not Linux.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}
