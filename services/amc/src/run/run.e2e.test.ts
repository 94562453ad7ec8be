import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  BUILT_IN,
  differences,
  openRealStack,
  type RealStack,
  replayedDigests,
  stackParts,
} from "../testing/real-stack.ts";
import { isRunning, numberIn, textIn, until } from "../testing/service-process.ts";

// A dozen processes start on a machine that may be busy with other suites.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const skipped = stackParts.map((part) => part.skipped).join("");
const isMissing = stackParts.some(({ address }) => address === null);

const RUN_LINE = z.object({ runId: z.uuid(), msg: z.literal("discovery") });

async function answer(address: string, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(address + path);
  const text = await response.text();
  return { status: response.status, body: path === "/metrics" ? text : JSON.parse(text) };
}

/** What processors say of runs where DEBUG_DISCOVERY_PIPELINE is on (R-ENV-29). */
function discoveryLines(log: string): readonly { readonly runId: string }[] {
  const lines = log.split("\n").filter((line) => line.includes('"stage":"discovery"'));
  return lines.map((line) => RUN_LINE.parse(JSON.parse(line)));
}

describe.skipIf(isMissing)(`every service as a process of its own${skipped}`, () => {
  let stack: RealStack;

  beforeAll(async () => {
    stack = await openRealStack({ given: { DEBUG_DISCOVERY_PIPELINE: "true" } });
  });

  afterAll(async () => {
    await stack?.close();
  });

  it("brings the built-in case from Kafka to the API, by three instances alike, and an alert, as a replay in memory would, and drains", async () => {
    const processors = stack.start("processor", "--instances", "3");
    const projectors = stack.start("projector", "--instances", "2");
    const api = stack.start("api", "--instances", "3");
    const alerts = stack.start("alerts");
    const ingest = stack.start("ingest");
    expect(await ingest.exit(), ingest.log).toBe(0);
    expect(ingest.lines("played")[0]).toMatchObject({ recording: "built-in", facts: 382 });

    const [address = "", ...others] = (await api.said("service", 3)).map((line) =>
      textIn(line, "address"),
    );
    const isCaughtUp = async () => {
      if ((await stack.progress()).untaken > 0) return false;
      const { status } = await answer(address, "/readyz");
      const { body } = await answer(address, "/recommendations");
      return status === 200 && JSON.stringify(body).includes('"GME"');
    };
    await until(isCaughtUp, () => processors.log.slice(-3_000));
    const recommended = [
      { symbol: "GME", label: "trade_ready", happenedAt: "2021-01-13T15:00:00.000Z" },
    ];
    for (const one of [address, ...others]) {
      const { body } = await answer(one, "/recommendations");
      expect(body).toMatchObject({ data: recommended });
    }
    expect((await alerts.said("alert"))[0]).toMatchObject({ symbol: "GME" });
    expect(await differences(stack.log, await replayedDigests(BUILT_IN))).toEqual([]);
    const told = discoveryLines(processors.log);
    expect(new Set(told.map(({ runId }) => runId)).size).toBe(5);

    const children = [
      ...(await processors.said("service", 3)),
      ...(await projectors.said("service", 2)),
    ];
    for (const child of [...children, ...(await alerts.said("service"))]) {
      const probes = textIn(child, "address");
      expect(await answer(probes, "/livez")).toEqual({ status: 200, body: { alive: true } });
      await until(async () => (await answer(probes, "/readyz")).status === 200);
      expect((await answer(probes, "/metrics")).body).toContain("amc_up");
    }
    for (const service of [processors, projectors, api, alerts]) {
      expect(await service.stop(), service.log.slice(-2_000)).toBe(0);
    }
    for (const child of children) expect(isRunning(numberIn(child, "pid"))).toBe(false);
  });

  it("starts an instance again that was killed, and leaves none behind when it is killed itself", async () => {
    const parent = stack.start("alerts", "--instances", "2");
    const [, killed] = await parent.said("service", 2);
    process.kill(numberIn(killed, "pid"), "SIGKILL");
    const [restart] = await parent.said("restart");
    expect(restart).toMatchObject({ service: "alerts", pid: killed?.pid, end: "SIGKILL" });
    const pids = (await parent.said("service", 3)).map((line) => numberIn(line, "pid"));
    await parent.kill();
    await until(() => !pids.some(isRunning));
  });
});
