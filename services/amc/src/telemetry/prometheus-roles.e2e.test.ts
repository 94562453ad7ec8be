import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { type ServiceProcess, textIn, until } from "../testing/service-process.ts";
import { noPrometheus, TestPrometheus } from "./testing/prometheus-server.ts";

/** What operators start Prometheus with, over roles that are processes of their own, on Kafka. */

// Three services open Kafka one beside the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 180_000 });

const skipped = [...stackParts.map((part) => part.skipped), noPrometheus].find((why) => why !== "");

/** Where `prometheus.yml` has the roles that run here. */
const TARGETS = {
  api: "127.0.0.1:3000",
  projector: "127.0.0.1:9140",
  scheduler: "127.0.0.1:9200",
} as const;

describe.skipIf(skipped !== undefined)(`Prometheus over roles on Kafka${skipped ?? ""}`, () => {
  let stack: RealStack;
  let prometheus: TestPrometheus;
  let scheduler: ServiceProcess;
  const addresses: Record<string, string> = {};

  async function address(service: ServiceProcess): Promise<string> {
    const [told] = await service.said("service");
    return new URL(textIn(told, "address")).host;
  }

  beforeAll(async () => {
    stack = await openRealStack();
    scheduler = stack.start("scheduler");
    addresses[TARGETS.scheduler] = await address(scheduler);
    addresses[TARGETS.projector] = await address(stack.start("projector"));
    addresses[TARGETS.api] = await address(stack.start("api"));
    prometheus = await TestPrometheus.start(addresses);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await stack?.close();
  });

  /** Instances and roles of the alert that a process is missed, whose time is not over yet or is. */
  async function missed(): Promise<readonly string[]> {
    const down = (await prometheus.rules()).find(({ name }) => name === "AmcDown");
    return (down?.alerts ?? []).map(({ labels }) => labels.role ?? "api").sort();
  }

  it("has of each role what rules ask for under the name of the role", async () => {
    const isUp = async () => (await prometheus.values("up == 1")).length === 3;
    await until(isUp, async () => JSON.stringify(await prometheus.targets()));
    const told = async (expression: string) => (await prometheus.values(expression)).length;
    expect(await told('up{job="amc-roles", role="scheduler"} == 1')).toBe(1);
    expect(await told('up{job="amc-roles", role="projector"} == 1')).toBe(1);
    const tick = 'amc_scheduler_last_tick_timestamp_seconds{kind="clock", role="scheduler"}';
    await until(async () => (await told(tick)) === 1);
    expect(await told('amc_up{role="projector", component="database"} == 1')).toBe(1);
    // Of the topics of this test, as they were made.
    await until(async () => (await told("amc_topic_differences == 0")) === 2);
  });

  it("misses roles that everybody runs where others answer, and a scheduler only once it was there and has ended", async () => {
    await until(async () => (await missed()).join() === "alerts,processor");
    expect(await scheduler.stop()).toBe(0);
    await until(async () => (await missed()).includes("scheduler"));
    const neverThere = new Set(["ingest", "short-interest", "live"]);
    expect((await missed()).filter((role) => neverThere.has(role))).toEqual([]);
  });
});
