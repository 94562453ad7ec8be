import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";
import { checkHost, type TrustedOrigins } from "./call-target.ts";
import { ProviderError } from "./provider-error.ts";
import { isPublicAddress } from "./public-address.ts";

export type ResolveHost = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface PinnedAgentOptions {
  readonly trusted: TrustedOrigins;
  /** Connections kept to one origin. */
  readonly connections: number;
  readonly connectMs: number;
  /** The system's resolver by default. */
  readonly resolve?: ResolveHost;
}

/**
 * An agent that connects to public addresses only. A name is resolved once, all its addresses are
 * checked, and the socket is connected to one of these and to no later answer, so that a name cannot
 * change its mind between the check and the connection (DNS rebinding). Connections kept open were
 * checked when they were made.
 */
export function pinnedAgent(options: PinnedAgentOptions): Agent {
  const { trusted, connections, connectMs, resolve = resolveAll } = options;
  const direct = buildConnector({ timeout: connectMs });
  const guarded = buildConnector({ timeout: connectMs, lookup: publicLookup(resolve) });
  return new Agent({
    connections,
    // One request at a time per connection: an answer that never ends holds up nobody else.
    pipelining: 1,
    connect: (target, callback) => {
      const port = target.port === "" ? "" : `:${target.port}`;
      const { origin } = new URL(`${target.protocol}//${target.hostname}${port}`);
      if (trusted.has(origin)) return direct(target, callback);
      try {
        // A literal address is connected to without a lookup.
        checkHost(target.hostname);
      } catch (error) {
        const cause = error instanceof Error ? error : new Error("refused", { cause: error });
        return callback(cause, null);
      }
      return guarded(target, callback);
    },
  });
}

async function resolveAll(hostname: string): Promise<readonly LookupAddress[]> {
  return systemLookup(hostname, { all: true });
}

/** A name with one private address among public ones is an attempt at something: refused whole. */
function publicLookup(resolve: ResolveHost): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const bad = addresses.find(({ address }) => !isPublicAddress(address));
        const [first] = addresses;
        if (bad !== undefined || first === undefined) {
          const address = bad?.address ?? "no address";
          const message = `${hostname} leads to ${address}, which is not public`;
          const error = new ProviderError("provider.address", message, { host: hostname });
          callback(error, "");
        } else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error("lookup failed", { cause: error }), "");
      },
    );
  };
}
