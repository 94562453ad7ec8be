import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode, PostgresError } from "./errors.ts";

/** Roles that log in, each with no more rights than its part of the system needs. */
export const LOGIN_ROLES = ["migrator", "projector", "api", "monitoring"] as const;

export type LoginRole = (typeof LOGIN_ROLES)[number];

export type RolePasswords = Readonly<Record<LoginRole, string>>;

export interface Credentials extends RolePasswords {
  readonly superuser: string;
}

/**
 * The passwords of a server of ours: 256 random bits each, in a file that only this user can read.
 *
 * @throws PostgresError `postgres.connection-config` when the file is not one of ours
 */
export function loadOrCreateCredentials(home: string): Credentials {
  const path = join(home, "credentials.json");
  try {
    const created = generateCredentials();
    writeFileSync(path, JSON.stringify(created, null, 2), { flag: "wx", mode: 0o600 });
    return created;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (isCredentials(parsed)) return parsed;
  throw new PostgresError("postgres.connection-config", `${path} does not hold the passwords`, {
    path,
  });
}

function generateCredentials(): Credentials {
  const password = () => randomBytes(32).toString("base64url");
  return {
    superuser: password(),
    migrator: password(),
    projector: password(),
    api: password(),
    monitoring: password(),
  };
}

function isCredentials(value: unknown): value is Credentials {
  if (typeof value !== "object" || value === null) return false;
  const entries: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  return ["superuser", ...LOGIN_ROLES].every((role) => typeof entries.get(role) === "string");
}
