import { once } from "node:events";
import type { FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import type { ApiOptions } from "../app.ts";
import { DEFAULT_API_CONFIG } from "../config.ts";
import { listen } from "../listen.ts";
import type { ReadModel } from "../read-model/port.ts";
import { apiUnderTest, NOW_MS } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const CONFIG = { ...DEFAULT_API_CONFIG, port: 0 };
const TOKEN = "t".repeat(43);
const PRESET = { setting: "preset", value: "catalyst_heavy", actor: "ann", reason: "earnings" };
const started: FastifyInstance[] = [];
const unlocks: (() => void)[] = [];

afterEach(async () => {
  for (const unlock of unlocks.splice(0)) unlock();
  await Promise.all(started.splice(0).map((app) => app.close()));
});

/** Tables that are locked, as by a migration, until somebody unlocks them. */
function lockedTables() {
  const reached = Promise.withResolvers<void>();
  const unlocked = Promise.withResolvers<void>();
  unlocks.push(() => unlocked.resolve());
  const answering = memoryReadModel({ story: story() });
  const wait = async (): Promise<void> => {
    reached.resolve();
    await unlocked.promise;
  };
  const readModel: ReadModel = {
    ...answering,
    read: async (reads) => {
      await wait();
      return answering.read(reads);
    },
    readOnce: async (reads) => {
      await wait();
      return answering.readOnce(reads);
    },
  };
  return { readModel, reached: reached.promise, unlock: () => unlocked.resolve() };
}

async function serve(options: Partial<ApiOptions>) {
  const app = await apiUnderTest({ config: CONFIG, ...options });
  started.push(app);
  return { app, url: await listen(app, CONFIG) };
}

/** Closes as a process does that was told to end, and what it needs to answer after that. */
function closing(app: FastifyInstance) {
  const state = { needsTables: true };
  const closed = app.close().then(() => {
    state.needsTables = false;
  });
  return { state, closed };
}

/** Until others are turned away, with an answer or by nobody listening: the end has begun. */
async function turnedAway(url: string): Promise<void> {
  for (let status = 200; status === 200; ) {
    status = await fetch(`${url}/livez`).then(
      (answer) => answer.status,
      () => 0,
    );
  }
}

const told = (asked: Promise<Response>): Promise<string> =>
  asked.then(
    () => "answered",
    () => "cut off",
  );

describe("an API that closes", () => {
  it("answers the request in hand before anything it is answered from is closed", async () => {
    const tables = lockedTables();
    const { app, url } = await serve({ readModel: tables.readModel });
    const asked = fetch(`${url}/recommendations`);
    await tables.reached;
    const { state, closed } = closing(app);
    await turnedAway(url);
    expect(state.needsTables).toBe(true);
    tables.unlock();
    const answer = await asked;
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      data: expect.arrayContaining([expect.anything()]),
    });
    await closed;
  });

  it("tells the caller of a decision that it was taken", async () => {
    const reached = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    unlocks.push(() => taken.resolve());
    const control: ApiOptions["control"] = {
      token: TOKEN,
      publish: async (decision) => {
        reached.resolve();
        await taken.promise;
        return { ...decision, happenedAt: NOW_MS, publishedAt: NOW_MS };
      },
    };
    const { app, url } = await serve({ control });
    const asked = fetch(`${url}/control`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-amc-control-token": TOKEN },
      body: JSON.stringify(PRESET),
    });
    await reached.promise;
    const { closed } = closing(app);
    await turnedAway(url);
    taken.resolve();
    expect((await asked).status).toBe(200);
    await closed;
  });

  it("waits for what is done for a caller who has hung up", async () => {
    const tables = lockedTables();
    const { app, url } = await serve({ readModel: tables.readModel });
    const hangUp = new AbortController();
    const requested = once(app.server, "request");
    const asked = fetch(`${url}/recommendations`, { signal: hangUp.signal });
    const [, response] = await requested;
    const gone = once(response, "close");
    await tables.reached;
    hangUp.abort();
    expect(await told(asked)).toBe("cut off");
    await gone;
    const { state, closed } = closing(app);
    await turnedAway(url);
    expect(state.needsTables).toBe(true);
    tables.unlock();
    await closed;
  });

  it("cuts off a request that does not end in time, and closes", async () => {
    const tables = lockedTables();
    const { app, url } = await serve({ readModel: tables.readModel, sleep: async () => undefined });
    const asked = fetch(`${url}/recommendations`);
    await tables.reached;
    const heard = told(asked);
    await closing(app).closed;
    expect(await heard).toBe("cut off");
  });

  it("closes at once when nothing is in hand", async () => {
    const never = () => new Promise<void>(() => undefined);
    const { app, url } = await serve({ sleep: never });
    expect((await fetch(`${url}/recommendations`)).status).toBe(200);
    await app.inject({ url: "/recommendations" });
    await closing(app).closed;
  });
});
