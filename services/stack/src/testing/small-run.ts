import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type StackHome, stackHome } from "../home.ts";
import type { PartName } from "../parts.ts";
import type { TestPart } from "./test-part.ts";

const FIXTURE = fileURLToPath(new URL("./test-part.fixture.ts", import.meta.url));

/** A test run of its own, for tests of what runs have and leave. */
export interface SmallRun {
  readonly answers: readonly TestPart[];
  readonly home: StackHome;
  /** What it said of its servers. */
  readonly said: readonly string[];
  kill(): void;
}

/** Starts a run that asks for these parts at the same time, with these variables and no others. */
export async function startRun(
  parts: readonly PartName[],
  environment: Readonly<Record<string, string>>,
): Promise<SmallRun> {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [FIXTURE, ...parts], {
    env: { PATH, HOME, ...environment },
    stdio: "pipe",
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  child.stdout.once("data", (line: Buffer) => resolve(line.toString()));
  child.once("exit", () => resolve("[]"));
  const answers = JSON.parse(await promise);
  return {
    answers,
    home: stackHome(join(tmpdir(), `amc-stack-test-${child.pid}`)),
    said: said.split("\n").filter((line) => line !== ""),
    kill: () => void child.kill("SIGKILL"),
  };
}
