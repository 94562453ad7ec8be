import { BlockList, isIP } from "node:net";

/**
 * Networks no provider lives in: loopback, private, link-local (with the metadata service of clouds),
 * carrier NAT, multicast, documentation and benchmark ranges. From IANA's special-purpose registries.
 */
const NOT_PUBLIC_V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;

/** All that is not global unicast, and inside it what embeds or documents other addresses. */
const NOT_PUBLIC_V6 = [
  ["::", 3],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["4000::", 2],
  ["8000::", 1],
] as const;

// Two lists: one would read an IPv4 address as the IPv6 address that embeds it.
const V4 = new BlockList();
const V6 = new BlockList();
for (const [network, prefix] of NOT_PUBLIC_V4) V4.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of NOT_PUBLIC_V6) V6.addSubnet(network, prefix, "ipv6");

/** True for a literal address on the public internet; false for all others and for what is none. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !V4.check(address, "ipv4");
    case 6:
      return !V6.check(address, "ipv6");
    default:
      return false;
  }
}
