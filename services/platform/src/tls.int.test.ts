import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { findJavas } from "@amc/stack/java";
import { type Certificate, makeCertificate } from "@amc/stack/testing/certificates";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCache } from "./cache/open-cache.ts";
import { REDIS_MISSING, REDIS_SKIP_NOTE, TestRedis } from "./cache/testing/redis-server.ts";
import { RegistryClient } from "./registry/registry-client.ts";
import { FaultyRegistry, json } from "./registry/testing/faulty-registry.ts";

/** Kafka by TLS: `log/kafka-access.int.test.ts`. */
const SILENT = { info: () => undefined, warn: () => undefined };
const PATIENCE = { timeout: 30_000, interval: 20 };

describe.skipIf(findJavas(undefined).length === 0)(
  "servers whose certificates a private authority signed (needs Java's keytool)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "amc-tls-"));
    let ours: Certificate;
    let strange: Certificate;
    beforeAll(() => {
      ours = makeCertificate(folder, "server");
      strange = makeCertificate(folder, "stranger");
    }, 60_000);
    afterAll(() => rmSync(folder, { recursive: true }));

    const identity = () => ({ pfx: readFileSync(ours.keyStore), passphrase: ours.password });

    it("are believed as registry by that authority alone, and log in goes with the request", async () => {
      const logins: unknown[] = [];
      const registry = await FaultyRegistry.open((request, response) => {
        logins.push(request.headers.authorization);
        json(200, [])(request, response);
      }, identity());
      try {
        const url = registry.url.replace("//", "//amc:hunter2@");
        const client = (ca: string | undefined) => new RegistryClient({ url, ca, tries: 1 });
        expect(await client(ours.pem).subjects()).toEqual([]);
        expect(logins).toEqual([`Basic ${Buffer.from("amc:hunter2").toString("base64")}`]);
        for (const ca of [strange.pem, undefined]) {
          await expect(client(ca).subjects()).rejects.toMatchObject({
            code: "registry.unavailable",
            facts: { reason: expect.stringMatching(/CERT|VERIFY/) },
          });
        }
        // The password was shown to nobody who could not prove to be the registry.
        expect(logins).toHaveLength(1);
      } finally {
        await registry.close();
      }
    });

    it.skipIf(REDIS_MISSING !== null)(
      `are believed as cache by that authority alone${REDIS_SKIP_NOTE}`,
      async () => {
        const redis = await TestRedis.start(["--save", ""]);
        const front = await inFrontOf(redis.port, identity());
        const url = `rediss://127.0.0.1:${front.port}`;
        const trusting = { REDIS_URL: url, AMC_TLS_CA: ours.pem };
        const cache = await openCache(trusting, "discovery", SILENT);
        const others = [
          await openCache({ REDIS_URL: url, AMC_TLS_CA: strange.pem }, "discovery", SILENT),
          await openCache({ REDIS_URL: url }, "discovery", SILENT),
        ];
        try {
          await expect.poll(() => cache.ping().catch(() => "away"), PATIENCE).toBe("redis");
          for (const other of others) {
            await expect(other.ping()).rejects.toMatchObject({
              code: "cache.unavailable",
              facts: { reason: expect.stringMatching(/CERT|VERIFY/) },
            });
          }
        } finally {
          for (const opened of [cache, ...others]) await opened.close();
          front.server.close();
          await redis.stop();
        }
      },
    );
  },
);

/** Ends TLS before a server that speaks none, as a sidecar does. */
async function inFrontOf(
  port: number,
  identity: { readonly pfx: Buffer; readonly passphrase: string },
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(identity, (near) => {
    const far = connect(port, "127.0.0.1");
    near.pipe(far).pipe(near);
    // Either side may go first; the other one follows.
    near.on("error", () => far.destroy()).on("close", () => far.destroy());
    far.on("error", () => near.destroy()).on("close", () => near.destroy());
  });
  // Whoever does not believe the certificate breaks the handshake off, which is what is tested.
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, port: address.port };
}
