import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorCode } from "@amc/platform/postgres/errors";
import type { z } from "zod";
import { StackError } from "./errors.ts";

/** The one folder of a stack: which ports, which processes, their settings, logs and data. */
export interface StackHome {
  readonly root: string;
  /** One record for each process that was started. */
  readonly run: string;
  readonly logs: string;
  readonly settings: string;
  readonly data: string;
}

export function stackHome(directory: string): StackHome {
  const root = resolve(directory);
  return {
    root,
    run: join(root, "run"),
    logs: join(root, "logs"),
    settings: join(root, "settings"),
    data: join(root, "data"),
  };
}

/** Passwords and other people's records lie below it, so nobody else may look in. */
export function makeHome(home: StackHome): void {
  mkdirSync(home.root, { recursive: true, mode: 0o700 });
  for (const path of [home.run, home.logs, home.settings, home.data]) {
    mkdirSync(path, { recursive: true, mode: 0o711 });
  }
}

/** Appears whole or not at all, so that a reader never sees half of it. */
export function writeWhole(path: string, text: string): void {
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, path);
}

/**
 * The JSON in a file of the home; null when there is none.
 *
 * @throws StackError `stack.home-format` when it is not what this program writes
 */
export function readJson<Value>(path: string, shape: z.ZodType<Value>): Value | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    throw new StackError(
      "stack.home-format",
      `${path} is not what npm run stack writes; npm run stack -- down --purge removes it`,
      { path },
      { cause: error },
    );
  }
}
