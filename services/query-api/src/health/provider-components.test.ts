import { loadConfig } from "@amc/platform/config/load-config";
import { callAllowances } from "@amc/platform/http/provider-limits";
import { describe, expect, it } from "vitest";
import type { ProviderStanding } from "../read-model/port.ts";
import { providerComponents } from "./provider-components.ts";

const NOON = Date.UTC(2025, 8, 8, 16);
const ASKED = { status: "healthy", detail: "asked" } as const;

describe("a provider that nobody asked for an hour", () => {
  it("is as well as its last call ended", () => {
    const nobody = { calls: 0, successes: 0, rateLimited: 0, meanMs: null, p95Ms: null, spent: 1 };
    const closed = { breaker: null, breakerReason: null, autoRecoveryAt: null };
    const asked = { ...nobody, simulated: false, ...closed, lastCallAt: NOON };
    const standings: ProviderStanding[] = [
      { ...asked, provider: "alpha_vantage", lastSuccessAt: null },
      { ...asked, provider: "finra_short", lastSuccessAt: NOON - 60_000 },
      { ...asked, provider: "yahoo", lastSuccessAt: NOON },
    ];
    const allowances = callAllowances(loadConfig({}));
    const components = Object.fromEntries(providerComponents(standings, ASKED, allowances));
    expect(components).toMatchObject({
      alpha_vantage: {
        status: "degraded",
        detail: expect.stringContaining("the last one failed, no success yet"),
      },
      finra_api: { status: "degraded", detail: expect.stringContaining("the last one failed") },
      yahoo: { status: "healthy", detail: expect.not.stringContaining("failed") },
    });
  });
});
