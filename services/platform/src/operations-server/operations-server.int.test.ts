import { afterEach, describe, expect, it } from "vitest";
import type { Operations } from "./operations.ts";
import { type OperationsServer, serveOperations } from "./operations-server.ts";

const HOST = "127.0.0.1";
const WELL: Operations = {
  live: () => true,
  ready: async () => ({ ready: true, reasons: [] }),
  metrics: async () => "amc_up 1\n",
  metricsType: "text/plain; version=0.0.4; charset=utf-8",
};

const servers: OperationsServer[] = [];

async function serve(operations: Partial<Operations> = {}, port = 0): Promise<OperationsServer> {
  const options = { host: HOST, port, operations: { ...WELL, ...operations } };
  const server = await serveOperations(options);
  servers.push(server);
  return server;
}

async function ask(path: string, operations: Partial<Operations> = {}, method = "GET") {
  const { address } = await serve(operations);
  const response = await fetch(address + path, { method });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    text: await response.text(),
  };
}

describe("the port for probes", () => {
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it("says that a service lives and is ready, and shows its metrics", async () => {
    expect(await ask("/livez")).toMatchObject({ status: 200, text: '{"alive":true}' });
    expect(await ask("/readyz?verbose")).toMatchObject({ status: 200 });
    expect(await ask("/metrics")).toEqual({
      status: 200,
      type: WELL.metricsType,
      text: "amc_up 1\n",
    });
    expect(await ask("/readyz", {}, "HEAD")).toMatchObject({ status: 200, text: "" });
    expect(await ask("/metrics", { metrics: null })).toMatchObject({ status: 404 });
  });

  it("answers 503 with the reasons of one that is not ready, and of one that is to be ended", async () => {
    const reasons = ["signals/3: its state is being restored"];
    const notReady = await ask("/readyz", { ready: async () => ({ ready: false, reasons }) });
    expect(notReady.status).toBe(503);
    expect(JSON.parse(notReady.text)).toEqual({ ready: false, reasons });
    expect(await ask("/livez", { live: () => false })).toMatchObject({ status: 503 });
  });

  it("tells the code of what fails, never its message", async () => {
    const failing = async () => {
      throw Object.assign(new Error("postgres://amc:hunter2@host"), { code: "ECONNREFUSED" });
    };
    for (const [path, operations] of [
      ["/readyz", { ready: failing }],
      ["/metrics", { metrics: failing }],
    ] as const) {
      const { status, text } = await ask(path, operations);
      expect(status).toBe(503);
      expect(text).toContain("ECONNREFUSED");
      expect(text).not.toContain("hunter2");
    }
  });

  it("knows no other path and no other method", async () => {
    expect(await ask("/")).toMatchObject({ status: 404 });
    expect(await ask("/livez", {}, "POST")).toMatchObject({ status: 405 });
  });

  it("says which port cannot be had, and by what variable to choose another", async () => {
    const { address } = await serve();
    const port = Number(new URL(address).port);
    await expect(serve({}, port)).rejects.toMatchObject({
      code: "operations.cannot-listen",
      facts: { host: HOST, port, reason: "EADDRINUSE" },
      message: expect.stringContaining("OPERATIONS_PORT"),
    });
  });
});
