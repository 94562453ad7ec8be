import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "./errors.ts";

export interface Java {
  /** The program `java`. */
  readonly command: string;
  readonly majorVersion: number;
}

/** Kafka 4 runs on 17 and later. */
const OLDEST_JAVA = 17;

/** Where to look; a test puts others in their place. */
export interface JavaFinders {
  /** Programs that may be `java`, the preferred first. */
  readonly candidates: () => readonly string[];
  /** Major version of a program; null when it does not run. */
  readonly majorVersion: (command: string) => number | null;
}

/**
 * Every Java of this machine that is new enough, the preferred first: JAVA_HOME, then the one of the
 * path, then those where package managers put them.
 */
export function findJavas(
  javaHome: string | undefined,
  finders = machineFinders(javaHome),
): Java[] {
  return finders.candidates().flatMap((command) => {
    const majorVersion = finders.majorVersion(command);
    return majorVersion === null || majorVersion < OLDEST_JAVA ? [] : [{ command, majorVersion }];
  });
}

/**
 * The preferred of them.
 *
 * @throws StackError `stack.not-installed`, naming the command that adds one
 */
export function requireJava(javas: readonly Java[]): Java {
  const [java] = javas;
  if (java !== undefined) return java;
  const command =
    process.platform === "darwin"
      ? "brew install openjdk@21"
      : "sudo apt-get install openjdk-17-jre-headless";
  throw new StackError(
    "stack.not-installed",
    `no Java ${OLDEST_JAVA} or later (JAVA_HOME, path, usual places); run: ${command}`,
    { part: "java" },
  );
}

function machineFinders(javaHome: string | undefined): JavaFinders {
  return {
    candidates: () => [...new Set([...givenHome(javaHome), ...ofPath(), ...installed()])],
    majorVersion: askMajorVersion,
  };
}

const givenHome = (javaHome: string | undefined) =>
  javaHome === undefined ? [] : [join(javaHome, "bin", "java")];

function ofPath(): string[] {
  const found = spawnSync("/bin/sh", ["-c", "command -v java"], { encoding: "utf8" });
  return found.status === 0 ? [found.stdout.trim()] : [];
}

function installed(): string[] {
  const debian = below("/usr/lib/jvm", "bin/java");
  const homebrew = ["/opt/homebrew/opt", "/usr/local/opt"].flatMap((opt) =>
    below(opt, "bin/java").filter((path) => path.includes("openjdk")),
  );
  const apple = below("/Library/Java/JavaVirtualMachines", "Contents/Home/bin/java");
  return [...debian, ...homebrew, ...apple];
}

function below(parent: string, child: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .map((name) => join(parent, name, child))
    .filter((path) => existsSync(path));
}

function askMajorVersion(command: string): number | null {
  try {
    // On stderr, but the program that a Mac has in place of Java says why it is none.
    const asked = execFileSync("/bin/sh", ["-c", '"$0" -version 2>&1', command], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return majorVersionIn(asked);
  } catch {
    return null;
  }
}

/** 17 for `openjdk version "17.0.15"`, 8 for `java version "1.8.0_402"`, null for neither. */
export function majorVersionIn(answer: string): number | null {
  const version = /version "(?:1\.)?(\d+)/.exec(answer)?.[1];
  return version === undefined ? null : Number(version);
}
