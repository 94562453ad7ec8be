import { ConfigError } from "@amc/platform/config/config-error";
import { PORT_VARIABLES } from "./containers/part-addresses.ts";
import type { StackContext } from "./context.ts";
import { readCluster } from "./kafka/cluster.ts";
import { PART_NAMES, PART_TITLES, type PartName, type PartReport } from "./parts.ts";

const LAST_PORT = 65_535;

/**
 * Brokers after the first have the ports after its own.
 *
 * @throws ConfigError when the ports that variables name cannot all be had
 */
export function requirePortsFit(context: StackContext): void {
  const named = PART_NAMES.flatMap((part) => portsNamedFor(context, part));
  const problems = named.flatMap(({ variable, first, last }, index) => {
    if (last > LAST_PORT) {
      const count = last - first + 1;
      const most = LAST_PORT - count + 1;
      return [{ variable, message: `leaves no ports for ${count} brokers: ${most} at most` }];
    }
    const other = named.slice(0, index).find((it) => it.first <= last && first <= it.last);
    if (other === undefined) return [];
    return [{ variable, message: `is a port of ${other.variable} as well` }];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

function portsNamedFor({ home, settings }: StackContext, part: PartName) {
  const first = settings.namedPorts[part];
  if (first === undefined) return [];
  const brokers = readCluster(home)?.brokers ?? settings.brokers ?? 1;
  const last = part === "kafka" ? first + brokers - 1 : first;
  return [{ variable: PORT_VARIABLES[part], first, last }];
}

/** Says of every part that is not at the port that its variable names where it is, and why. */
export function tellOtherPorts(context: StackContext, reports: readonly PartReport[]): void {
  const { settings, teller } = context;
  for (const { part, state, address } of reports) {
    const named = settings.namedPorts[part];
    const port = portOf(address);
    if (named === undefined || port === null || port === named) continue;
    const variable = PORT_VARIABLES[part];
    if (state === "running") {
      const way = `${variable} moves it after npm run stack -- down --only ${part}`;
      teller.note(`${PART_TITLES[part]} stays at port ${port}; ${way}`);
    }
    if (state === "started") {
      const reason = `it cannot have port ${named} of ${variable}, which is taken`;
      // A broker that comes back to others has to be where they know it.
      const other = part === "kafka" ? ", or brokers that run know it where it is" : "";
      teller.note(`${PART_TITLES[part]} is at port ${port}: ${reason}${other}`);
    }
  }
}

/** Of a server of ours, and of its first broker; null while there is none. */
function portOf(address: string | null): number | null {
  const [, port] = /127[.]0[.]0[.]1:(\d+)/.exec(address ?? "") ?? [];
  return port === undefined ? null : Number(port);
}
