import { describe, expect, it } from "vitest";
import { BORROW_PROXY_WEIGHT, isWeighed, providerWeight } from "./provider-weights.ts";

describe("provider weights (R-GAT-08)", () => {
  it.each([
    // domain-facts §6
    ["finra", "short.interest.v1", 0.95],
    ["finra", "short.volume.v1", 0.9],
    ["polygon", "market.price-tick.v1", 0.98],
    ["alpha-vantage", "market.options.v1", 0.75],
    ["borrow-proxy", "market.reference.v1", 0.6],
    // domain-facts §0
    ["alpaca", "market.price-tick.v1", 0.98],
    ["yahoo", "market.price-tick.v1", 0.85],
    ["yahoo", "short.interest.v1", 0.65],
  ] as const)("believe %s on %s by %f", (provider, topic, weight) => {
    expect(providerWeight(provider, topic)).toBe(weight);
  });

  it("believe prices of a single venue less than those of the whole market", () => {
    expect(providerWeight("alpaca", "market.price-tick.v1", true)).toBe(0.6);
    expect(providerWeight("polygon", "market.price-tick.v1", true)).toBe(0.98);
  });

  it("believe a provider nobody has weighed by half", () => {
    expect(isWeighed("my-feed")).toBe(false);
    expect(isWeighed("toString")).toBe(false);
    expect(providerWeight("my-feed", "market.price-tick.v1")).toBe(0.5);
  });

  it("count the borrow proxy 0.60 where it stands in for fee and utilisation", () => {
    expect(BORROW_PROXY_WEIGHT).toBe(0.6);
  });
});
