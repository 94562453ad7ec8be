import type { Component, Contribution } from "@amc/schemas/generated/events";

interface WithComponents {
  readonly components: readonly Component[];
}

/** Splits each detector's contribution over its components, by `detector.component`. */
export function strengthsOf(
  contributions: readonly Contribution[],
  opinions: Readonly<Record<string, WithComponents>>,
): ReadonlyMap<string, number> {
  const strengths = new Map<string, number>();
  for (const { detector, score, contribution } of contributions) {
    if (score === null || contribution === null) continue;
    const components = opinions[detector]?.components ?? [];
    const total = components.reduce((sum, { value, weight }) => sum + weight * (value ?? 0), 0);
    if (total === 0) continue;
    for (const { name, value, weight } of components) {
      if (value !== null)
        strengths.set(`${detector}.${name}`, (contribution * weight * value) / total);
    }
  }
  return strengths;
}
