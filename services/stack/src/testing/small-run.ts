import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
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
    stdio: ["pipe", "ignore", "pipe"],
  });
  const said: string[] = [];
  const { promise: answered, resolve } = Promise.withResolvers<string>();
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (line.startsWith("[")) resolve(line);
    else said.push(line);
  });
  child.once("exit", () => resolve("[]"));
  return {
    answers: JSON.parse(await answered),
    home: stackHome(join(tmpdir(), `amc-stack-test-${child.pid}`)),
    said,
    kill: () => void child.kill("SIGKILL"),
  };
}
