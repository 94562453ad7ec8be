import { isIP } from "node:net";
import { ProviderError } from "./provider-error.ts";
import { isPublicAddress } from "./public-address.ts";

/** Origins such as `http://127.0.0.1:8080` that the operator named; all others must be public. */
export type TrustedOrigins = ReadonlySet<string>;

/**
 * Checks where a call or a redirect goes, before a name is resolved. Throws `provider.address` for
 * what no provider has: another scheme, a user name, a port beside 80 and 443, an address that is not
 * public. Names are checked by their addresses when they are connected to (`pinned-agent.ts`).
 */
export function checkTarget(url: URL, trusted: TrustedOrigins): void {
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused("scheme", url);
  if (url.username !== "" || url.password !== "") throw refused("user name", url);
  if (trusted.has(url.origin)) return;
  // URL leaves the port of the scheme out.
  if (!["", "80", "443"].includes(url.port)) throw refused("port", url);
  checkHost(url.hostname);
}

/** Throws `provider.address` for a literal address that is not public; names pass. */
export function checkHost(hostname: string): void {
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address) === 0 || isPublicAddress(address)) return;
  const message = `${address} is not a public address`;
  throw new ProviderError("provider.address", message, { address });
}

function refused(what: string, { protocol, hostname }: URL): ProviderError {
  const message = `a call to ${protocol}//${hostname} is refused for its ${what}`;
  return new ProviderError("provider.address", message, { reason: what, host: hostname });
}
