/** The process is on this machine; one that takes longer is busier than a status is worth. */
const TIMEOUT_MS = 1_000;

/** Where the API of a running system answers; null when not at this host and port. */
export function apiAddress(host: string, port: number): Promise<string | null> {
  // An address that means "all interfaces" cannot be asked; loopback is one of them.
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return ifAnswering(`http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`);
}

/** The address when an API of ours answers there, null otherwise. */
export async function ifAnswering(address: string): Promise<string | null> {
  try {
    const response = await fetch(`${address}/livez`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const answer: unknown = await response.json();
    const isOurs = typeof answer === "object" && answer !== null && "alive" in answer;
    return isOurs ? address : null;
  } catch {
    // Nobody listens there, or somebody who speaks another language: the address is not known.
    return null;
  }
}
