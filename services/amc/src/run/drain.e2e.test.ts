import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { LiveClock } from "@amc/scheduler/live-clock";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { type ServiceProcess, textIn, until } from "../testing/service-process.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const skipped = stackParts.map((part) => part.skipped).join("");
const HASTY = [fileURLToPath(new URL("../testing/hasty-api.ts", import.meta.url)), "run"];
const CONTROL = "ops.control.v1";

const KEY = `amc_drain-test_${randomBytes(32).toString("base64url")}`;
const CONTROL_KEY = {
  ...{ id: "drain-test", client: "test", scopes: ["control"] },
  sha256: createHash("sha256").update(KEY).digest("hex"),
  expiresAt: "2100-01-01T00:00:00Z",
};

const DECISION = JSON.stringify({
  ...{ setting: "preset", value: "catalyst_heavy", reason: "earnings", actor: "ann" },
});
const HALF = DECISION.length / 2;

/** A decision of which the API has the head and half of the body: it is in hand, and no time limit of a table ends it. */
async function halfSent(address: string): Promise<ClientRequest> {
  const headers = {
    ...{ "content-type": "application/json", "content-length": DECISION.length },
    ...{ "x-api-key": KEY, expect: "100-continue" },
  };
  const sent = request(`${address}/control`, { method: "POST", headers, agent: false });
  sent.flushHeaders();
  // Said when the request has been taken up.
  await once(sent, "continue");
  sent.write(DECISION.slice(0, HALF));
  return sent;
}

/** Until others are turned away, with an answer or by nobody listening: the end has begun. */
async function turnedAway(address: string): Promise<void> {
  await until(() =>
    fetch(`${address}/livez`).then(
      ({ status }) => status !== 200,
      () => true,
    ),
  );
}

const answerOf = (sent: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    sent.once("response", resolve).once("error", reject);
  });

describe.skipIf(skipped !== "")(`an API process that is told to end${skipped}`, () => {
  let stack: RealStack;

  beforeAll(async () => {
    const given = { AMC_API_KEYS: JSON.stringify([CONTROL_KEY]), LOG_LEVEL: "warn" };
    stack = await openRealStack({ given });
    // A decision is in force from the next tick on: there has to be time.
    const clock = await LiveClock.open(stack.log, { tickMs: 60_000, slotMinutes: 15 });
    await clock.publish(Date.now());
  });
  afterAll(async () => {
    await stack?.close();
  });

  async function toldToEnd(api: ServiceProcess) {
    const address = textIn((await api.said("service"))[0], "address");
    const sent = await halfSent(address);
    const answering = Promise.allSettled([answerOf(sent)]);
    api.child.kill("SIGTERM");
    await turnedAway(address);
    return { sent, answering };
  }

  it("turns others away, takes the decision that it has in hand, answers in full and ends well", async () => {
    const api = stack.start("api");
    const before = await stack.log.endOffset(CONTROL, 0);
    const { sent, answering } = await toldToEnd(api);
    expect(api.child.exitCode).toBeNull();
    expect(await stack.log.endOffset(CONTROL, 0)).toBe(before);
    sent.end(DECISION.slice(HALF));
    const [answer] = await answering;
    if (answer.status === "rejected") throw answer.reason;
    expect(answer.value.statusCode).toBe(200);
    const body: unknown = JSON.parse(await text(answer.value));
    expect(body).toMatchObject({ setting: "preset", value: "catalyst_heavy" });
    // After half a minute it would have been killed.
    expect(await api.exit(), api.log).toBe(0);
    expect(await stack.log.endOffset(CONTROL, 0)).toBe(before + 1);
  });

  it("control: without waiting for it cuts its caller off", async () => {
    const api = stack.startProgram(HASTY, "api");
    const before = await stack.log.endOffset(CONTROL, 0);
    const { answering } = await toldToEnd(api);
    const [answer] = await answering;
    expect(answer).toMatchObject({ status: "rejected", reason: { code: "ECONNRESET" } });
    await api.exit();
    expect(await stack.log.endOffset(CONTROL, 0)).toBe(before);
  });
});
