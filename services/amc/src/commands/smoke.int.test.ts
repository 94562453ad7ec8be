import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { DEFAULT_API_CONFIG } from "@amc/query-api/config";
import { guardedReadModel } from "@amc/query-api/read-model/guarded-read-model";
import { apiUnderTest, NOW_MS } from "@amc/query-api/testing/api-under-test";
import { memoryReadModel } from "@amc/query-api/testing/memory-read-model";
import { story } from "@amc/query-api/testing/story";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const closers: (() => Promise<unknown>)[] = [];
let directory: TestDirectory;
beforeEach(() => {
  directory = new TestDirectory();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  directory.dispose();
});

type Overrides = Parameters<typeof apiUnderTest>[0];

async function serveApi(overrides: Overrides = {}): Promise<string> {
  const app = await apiUnderTest(overrides);
  closers.push(() => app.close());
  return app.listen({ host: "127.0.0.1", port: 0 });
}

/** A server of another make. */
async function serveOther(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

async function smoke(url: string, ...more: string[]) {
  const result = await runCommand(["smoke", "--json", "--url", url, ...more]);
  const lines = jsonLines(result);
  const failed = lines.filter(({ status }) => status === "fail").map(({ name }) => name);
  const detailOf = (name: string) => String(lines.find((line) => line.name === name)?.detail);
  return { exitCode: result.exitCode, names: lines.map(({ name }) => name), failed, detailOf };
}

describe("amc smoke", () => {
  it("passes a system that serves, and says what it said", async () => {
    const { exitCode, names, failed, detailOf } = await smoke(await serveApi());
    expect({ exitCode, failed }).toEqual({ exitCode: 0, failed: [] });
    expect(names).toEqual(["alive", "ready", "health", "list", "events", "metrics"]);
    expect(detailOf("list")).toBe("newest run as of 2021-01-13T15:30:00.000Z, 0 records behind");
    expect(detailOf("events")).toBe("stream starts at run=0.0;recommendation=0.0;alert=0.0");
  });

  it("fails one whose database is away, and gives its reasons", async () => {
    const away = Object.assign(new Error("x"), { code: "ECONNREFUSED" });
    const readModel = guardedReadModel(memoryReadModel({ story: story() }), () =>
      Promise.reject(away),
    );
    const { exitCode, failed, detailOf } = await smoke(await serveApi({ readModel }));
    expect({ exitCode, failed }).toEqual({ exitCode: 1, failed: ["ready", "health", "list"] });
    expect(detailOf("ready")).toContain("database: fails with ECONNREFUSED");
    expect(detailOf("health")).toContain("database is unhealthy");
    expect(detailOf("list")).toContain("answers 503");
  });

  it("fails one whose tables are of an older build, and says what to start", async () => {
    const missingMigrations = ["016_sent_messages"];
    const readModel = memoryReadModel({ story: story(), missingMigrations });
    const { exitCode, failed, detailOf } = await smoke(await serveApi({ readModel }));
    expect({ exitCode, failed }).toEqual({ exitCode: 1, failed: ["ready"] });
    expect(detailOf("ready")).toContain("from 016_sent_messages on: start the projector");
  });

  it("waits for one that is not ready yet as long as it was told to", async () => {
    let asked = 0;
    const readModel = guardedReadModel(memoryReadModel({ story: story() }), (ask) => {
      asked += 1;
      return asked < 8 ? Promise.reject(new Error("starting")) : ask();
    });
    const { exitCode, failed } = await smoke(await serveApi({ readModel }), "--wait", "30");
    expect({ exitCode, failed }).toEqual({ exitCode: 0, failed: [] });
  });

  it("is not content with any server that answers 200", async () => {
    const url = await serveOther((request, response) => {
      response.end(request.url === "/livez" ? '{"alive":true}' : "{}");
    });
    const { exitCode, failed } = await smoke(url);
    expect(exitCode).toBe(1);
    expect(failed).toEqual(["ready", "health", "list", "events", "metrics"]);
  });

  it("gives up on an answer that does not come", async () => {
    const url = await serveOther((request, response) => {
      if (request.url === "/livez") response.end('{"alive":true}');
      if (request.url === "/events") response.writeHead(200).write(": nothing more\n\n");
    });
    const { exitCode, failed, detailOf } = await smoke(url, "--timeout", "1");
    expect(exitCode).toBe(1);
    expect(failed).toHaveLength(5);
    expect(detailOf("list")).toBe("/discovery/runs?limit=1: no answer in time");
    expect(detailOf("events")).toBe("/events: no answer in time");
  });

  it("does not follow to another system", async () => {
    const good = await serveApi();
    const url = await serveOther((request, response) => {
      response.writeHead(302, { location: `${good}${request.url}` }).end();
    });
    expect((await smoke(url)).exitCode).toBe(69);
  });

  it("exits 69 where nothing listens", async () => {
    const url = await serveOther(() => undefined);
    for (const close of closers.splice(0)) await close();
    const { exitCode, names } = await smoke(url);
    expect({ exitCode, names }).toEqual({ exitCode: 69, names: ["alive"] });
  });

  it("shows a key from a file where keys are asked for", async () => {
    const key = `amc_smoke_${randomBytes(32).toString("base64url")}`;
    const keys = [
      {
        ...{ id: "smoke", client: "smoke", expiresAtMs: NOW_MS + 1 },
        digest: createHash("sha256").update(key).digest(),
        scopes: new Set(["read", "monitor"] as const),
      },
    ];
    const url = await serveApi({ config: { ...DEFAULT_API_CONFIG, keys } });
    const without = await smoke(url);
    expect(without.exitCode).toBe(1);
    expect(without.detailOf("list")).toContain("answers 401");
    writeFileSync(directory.at("key"), `${key}\n`);
    expect(await smoke(url, "--key-file", directory.at("key"))).toMatchObject({ exitCode: 0 });
    expect((await smoke(url, "--key-file", directory.at("absent"))).exitCode).toBe(66);
  });

  it.each(["http://192.0.2.1:3000", "http://amc.example.com", "http://127.0.0.1.example.com"])(
    "sends no key unencrypted to %s, and names https",
    async (url) => {
      writeFileSync(directory.at("key"), "amc_smoke_secret\n");
      const words = ["smoke", "--timeout", "1", "--url", url, "--key-file", directory.at("key")];
      const { exitCode, stderr } = await runCommand(words);
      expect(exitCode).toBe(64);
      expect(stderr).toContain(`give --url ${url.replace("http:", "https:")}`);
      expect(stderr).not.toContain("secret");
    },
  );

  it.each(["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"])(
    "takes a key to %s, which does not leave the machine",
    async (url) => {
      writeFileSync(directory.at("key"), "amc_smoke_secret\n");
      expect((await smoke(url, "--key-file", directory.at("key"))).exitCode).toBe(69);
    },
  );

  it.each(["ftp://127.0.0.1", "127.0.0.1:3000", "http://ann:secret@127.0.0.1"])(
    "refuses %s as an address and repeats no secret of it",
    async (url) => {
      const { exitCode, stderr } = await runCommand(["smoke", "--url", url]);
      expect(exitCode).toBe(64);
      expect(stderr).not.toContain("secret");
    },
  );
});
