import { loadConfig } from "@amc/platform/config/load-config";
import { describe, expect, it } from "vitest";
import { PORT_VARIABLES } from "./containers/part-addresses.ts";
import { PART_NAMES } from "./parts.ts";
import { settingsFrom } from "./settings.ts";
import { composeWith } from "./testing/compose-file.ts";

const asked = { brokers: undefined, parts: PART_NAMES, home: undefined };
const OTHER_PORTS = Object.fromEntries(
  PART_NAMES.map((part, index) => [PORT_VARIABLES[part], String(21_000 + index)]),
);

describe("the ports of the stack", () => {
  it.each([
    ["known", {}],
    ["named", OTHER_PORTS],
  ])("are the same natively and in docker-compose.yml: the %s ones", (_, set) => {
    const { services } = composeWith(set);
    const published = PART_NAMES.map((part) => [part, services[part]?.ports[0]?.split(":")[1]]);
    const natively = Object.entries(settingsFrom(loadConfig(set), asked).wellKnownPorts ?? {});
    expect(published).toEqual(natively.map(([part, port]) => [part, String(port)]));
  });

  it("are nobody's in a home of its own, so that two stacks do not both find one free", () => {
    const own = settingsFrom(loadConfig(OTHER_PORTS), { ...asked, home: "/tmp/own" });
    expect([own.wellKnownPorts, own.namedPorts]).toEqual([null, {}]);
  });

  it("are named by a variable that is set, also where it names the known one", () => {
    const named = (set: Record<string, string>) => settingsFrom(loadConfig(set), asked).namedPorts;
    expect(named({})).toEqual({});
    expect(named({ AMC_REDIS_PORT: "6379" })).toEqual({ redis: 6379 });
    expect(named({ AMC_REDIS_PORT: "" })).toEqual({});
  });
});
