import type { FactTopic } from "@amc/schemas/topics";
import { isWeighed, providerWeight } from "@amc/streams/market/provider-weights";

/**
 * What is wrong with the weight of a vendor, null when nothing is. A recording of a provider that the
 * table weighs is believed as the provider itself would be live; any other vendor has the weight that
 * the author of the manifest gives it.
 */
export function checkWeight(
  vendor: { readonly name: string; readonly weight: number },
  topics: readonly FactTopic[],
  isSingleVenue = false,
): string | null {
  if (!isWeighed(vendor.name)) return null;
  const weights = topics.map((topic) => providerWeight(vendor.name, topic, isSingleVenue));
  if (weights.includes(vendor.weight)) return null;
  const allowed = [...new Set(weights)].join(" or ");
  return `must be ${allowed}, the weight of ${vendor.name} for ${topics.join(" and ")}, was ${vendor.weight}`;
}
