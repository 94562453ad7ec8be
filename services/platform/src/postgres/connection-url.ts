import type { ClientConfig } from "pg";

/**
 * One string for a connection, as `DATABASE_URL` has it. A host that is a directory, that of a unix
 * socket, travels as parameter because it cannot stand in the host part of a URL.
 */
export function connectionUrl(config: ClientConfig): string {
  if (config.connectionString !== undefined) return config.connectionString;
  const { user = "", password, database = "", host = "localhost", port = 5432 } = config;
  const secret = typeof password === "string" ? `:${encodeURIComponent(password)}` : "";
  const account = `${encodeURIComponent(user)}${secret}`;
  const path = encodeURIComponent(database);
  if (!host.startsWith("/")) return `postgresql://${account}@${host}:${port}/${path}`;
  return `postgresql://${account}@/${path}?host=${encodeURIComponent(host)}&port=${port}`;
}
