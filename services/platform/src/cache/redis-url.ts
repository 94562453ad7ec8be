/** Where a Redis is and how to log in, as far as a URL may say it. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
  /** Authorities, in PEM, that the server is trusted by instead of the system's. */
  readonly ca?: string | undefined;
}

const DEFAULT_PORT = 6379;

/**
 * `redis[s]://[user[:password]@]host[:port]`, or null for anything else. A database in the path is
 * refused: each purpose has its own (`REDIS_DATABASES`). So are options in the query, which the
 * driver would otherwise take as its own.
 */
export function parseRedisUrl(text: string): RedisAddress | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== "redis:" && protocol !== "rediss:") return null;
  if (hostname === "" || !/^\/?$/.test(pathname) || search !== "" || hash !== "") return null;
  const login = loginOf(username, password);
  if (login === null) return null;
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? DEFAULT_PORT : Number(port),
    ...login,
    tls: protocol === "rediss:",
  };
}

function loginOf(
  username: string,
  password: string,
): Pick<RedisAddress, "username" | "password"> | null {
  try {
    return {
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    };
  } catch {
    return null;
  }
}
