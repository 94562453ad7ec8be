import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { messageOf, RecordingError } from "../errors.ts";
import type { RecordingManifest } from "../manifest.ts";
import { recordingManifest } from "./rules.ts";

/** More would be data, not a description of data. */
const MANIFEST_BYTES_MAX = 1024 * 1024;

/**
 * Reads and validates a manifest. Throws `recording.manifest-unreadable` when there is no such
 * file or it is not JSON, `recording.manifest-invalid` as `parseManifest` does.
 */
export async function loadManifest(path: string): Promise<RecordingManifest> {
  let content: unknown;
  try {
    const bytes = await readFile(path);
    if (bytes.length > MANIFEST_BYTES_MAX) throw new RangeError("it is larger than 1 MiB");
    content = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    const message = `cannot read the manifest ${path}: ${messageOf(error)}`;
    throw new RecordingError("recording.manifest-unreadable", message, { path }, { cause: error });
  }
  return parseManifest(content, path);
}

/**
 * Validates a manifest and fills in its defaults. Throws `recording.manifest-invalid`; the message
 * has one line per wrong field: its path and what it must be.
 */
export function parseManifest(content: unknown, path = "manifest"): RecordingManifest {
  const result = recordingManifest.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, content));
  const message = `${path} is not a valid recording manifest:\n${problems.map((problem) => `  ${problem}`).join("\n")}`;
  throw new RecordingError("recording.manifest-invalid", message, {
    path,
    problems: problems.length,
  });
}

/** Folder at which a manifest's paths begin: the data root, or the manifest's own folder. */
export function dataRootOf(
  manifest: RecordingManifest,
  manifestPath: string,
  dataRoot: string,
): string {
  return manifest.root === "manifest" ? dirname(manifestPath) : dataRoot;
}

/** `infra/recordings/manifest.schema.json`: what an author's editor checks against. */
export function manifestJsonSchema(): unknown {
  return z.toJSONSchema(recordingManifest, { io: "input", reused: "inline" });
}

function problemsOf(issue: z.core.$ZodIssue, content: unknown): string[] {
  const field = fieldName(issue.path);
  const value = valueAt(content, issue.path);
  const was = `, was ${shown(value)}`;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map(
        (key) =>
          `${fieldName([...issue.path, key])}: is not a field of the manifest; remove it or mend its spelling`,
      );
    case "invalid_type":
      return [
        `${field}: ${value === undefined ? `is missing, must be ${named(issue.expected)}` : `must be ${named(issue.expected)}${was}`}`,
      ];
    case "invalid_value":
      return [`${field}: must be ${alternatives(issue.values)}${was}`];
    case "invalid_union":
      return [`${field}: ${unionProblem(issue)}${value === undefined ? ", is missing" : was}`];
    case "too_small":
      return [`${field}: ${bound(issue.origin, "at least", issue.minimum, issue.message)}${was}`];
    case "too_big":
      return [`${field}: ${bound(issue.origin, "at most", issue.maximum, issue.message)}${was}`];
    case "custom":
      return [`${field}: ${issue.message}`];
    default:
      return [`${field}: ${issue.message}${was}`];
  }
}

function unionProblem(issue: z.core.$ZodIssueInvalidUnion): string {
  const options: unknown = Reflect.get(issue, "options");
  if (Array.isArray(options)) return `must be ${alternatives(options)}`;
  return issue.message === "Invalid input" ? "has the wrong form" : issue.message;
}

/** Our own messages ("is what prices were ...") say more than the bound. */
function bound(origin: string, direction: string, limit: number | bigint, message: string): string {
  if (!message.startsWith("Too ")) return message;
  const unit = origin === "string" ? " characters long" : origin === "array" ? " items long" : "";
  return `must be ${direction} ${limit}${unit}`;
}

function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "manifest";
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    return name === "" ? String(part) : `${name}.${String(part)}`;
  }, "");
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined,
    content,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function named(type: string): string {
  return type === "int" ? "a whole number" : `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

function alternatives(values: readonly unknown[]): string {
  const texts = values.map((value) => JSON.stringify(value));
  return texts.length === 1 ? (texts[0] ?? "") : `one of ${texts.join(", ")}`;
}
