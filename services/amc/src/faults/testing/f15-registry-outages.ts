import { openKafkaLog } from "@amc/platform/log/kafka";
import type { Log } from "@amc/platform/log/port";
import { HALT_LAYOUT, WATCHING } from "@amc/platform/log/testing/halts";
import { createTestTopics } from "@amc/platform/log/testing/kafka-topics";
import { RegistryError } from "@amc/platform/registry/errors";
import { type RegisteredIds, registeredIds } from "@amc/platform/registry/registered-ids";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { registerReleases } from "@amc/platform/registry/releases";
import { TestRegistry } from "@amc/platform/registry/testing/apicurio";
import { FaultyRegistry, handOnTo } from "@amc/platform/registry/testing/faulty-registry";
import { UnknownIds } from "@amc/platform/registry/unknown-ids";
import { seededRandom } from "@amc/replay/seeded-random";
import type { Build, Fault, FaultOutcome, FaultScope } from "./fault.ts";
import { clusterOfFaults } from "./servers.ts";
import { StruckHalts } from "./struck-halts.ts";

/** A call that takes longer has failed. */
const DEADLINE_MS = 2_000;

export const REGISTRY_OUTAGES: Fault = {
  id: "F15",
  title:
    "the schema registry away, failing, slow or hidden behind another server, strange ids in the log",
  invariant:
    "known ids flow on; nobody is dead-lettered by an outage; afterwards each stranger is, once, as it came, and asking about it again costs no call",
  control: "a build that takes an outage for an answer",
  strikes: { full: 40, reduced: 8, control: 1 },
  run,
};

async function run(scope: FaultScope): Promise<FaultOutcome> {
  const registry = await TestRegistry.start();
  const pass = handOnTo(registry.url);
  const proxy = await FaultyRegistry.open(pass);
  const topics = await createTestTopics((await clusterOfFaults()).join(), HALT_LAYOUT, [
    WATCHING.name,
  ]);
  const logs: Log[] = [];
  try {
    const client = new RegistryClient({ url: proxy.url, tries: 1, deadlineMs: DEADLINE_MS });
    const direct = new RegistryClient({ url: registry.url });
    await registerReleases(direct);
    const wireIds = { ...(await registeredIds(direct)), ...judgeOf(scope.build, client) };
    const log = await openKafkaLog({ ...topics, layout: HALT_LAYOUT, wireIds });
    logs.push(log);
    const wire = await openKafkaLog({ ...topics, layout: HALT_LAYOUT });
    logs.push(wire);
    const halts = new StruckHalts({ ...{ registry, proxy, pass }, ...{ log, wire } });
    return await strikeAll(halts, scope);
  } finally {
    for (const log of logs) await log.close();
    await topics.remove();
    await proxy.close();
    await registry.stop();
  }
}

/** Waits for nothing, so that its tries take no time. */
function judgeOf(build: Build, client: RegistryClient): Pick<RegisteredIds, "unknown"> {
  if (build === "sound") {
    const nowMs = (): number => performance.now();
    return { unknown: new UnknownIds({ client, nowMs, sleep: async () => undefined }) };
  }
  const judge = async () => new RegistryError("registry.unknown-schema", "no answer", {});
  return { unknown: { judge } };
}

async function strikeAll(
  halts: StruckHalts,
  { seed, strikes, onStrike }: FaultScope,
): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const counts: Record<string, number> = { records: 0, strangers: 0 };
  const violations: string[] = [];
  const exceeded: string[] = [];
  for (let struck = 0; struck < strikes; struck += 1) {
    const outages = [...halts.outages];
    // Each kind once before any is drawn.
    const at = struck < outages.length ? struck : Math.floor(random() * outages.length);
    const [name, outage] = outages[at] ?? [];
    if (name === undefined || outage === undefined) throw new RangeError("there is no outage");
    counts[name] = (counts[name] ?? 0) + 1;
    const found = await halts.strike(outage, struck);
    violations.push(...found.violations.map((text) => `${name}: ${text}`));
    exceeded.push(...found.exceeded.map((text) => `${name}: ${text}`));
    onStrike(struck + 1);
  }
  counts.records = halts.written;
  counts.strangers = halts.strangers.length;
  return { strikes, counts, violations, exceeded };
}
