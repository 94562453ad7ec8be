import type { Broker } from "@platformatic/kafka";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BrokerOrder } from "./broker-order.ts";

const at = (port: number): Broker => ({ host: "broker", port });
const portsOf = (brokers: readonly Broker[]): number[] => brokers.map(({ port }) => port);

describe("the order in which brokers are asked", () => {
  it("is the given one, each of them once, while none has failed", () => {
    const order = new BrokerOrder();
    expect(portsOf(order.of([at(3), at(1), at(3), at(2)]))).toEqual([3, 1, 2]);
  });

  it("begins with another broker however many requests failed at the first one at once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (requests) => {
        const order = new BrokerOrder();
        for (let lost = 0; lost < requests; lost += 1) order.failed(at(1));
        expect(portsOf(order.of([at(1), at(2)]))).toEqual([2, 1]);
      }),
    );
  });

  it("has those last that failed last, whatever failed before", () => {
    const ports = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(fc.uniqueArray(ports), fc.array(ports), (asked, failures) => {
        const order = new BrokerOrder();
        for (const port of failures) order.failed(at(port));
        // -1 where it never failed; the sort is stable.
        const expected = asked.toSorted(
          (one, other) => failures.lastIndexOf(one) - failures.lastIndexOf(other),
        );
        expect(portsOf(order.of(asked.map(at)))).toEqual(expected);
      }),
    );
  });
});
