import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Artefact, artefactPath } from "./artefact.ts";
import { fetchArtefacts, missingArtefacts } from "./fetch.ts";

const CONTENT = Buffer.from("the content of a jar");

let cache: string;
let server: Server;
let repository: string;
let requests: string[];
/** What the repository answers to its next requests; afterwards the content. */
let failures: number[];

const artefact: Artefact = {
  path: "org/example/part/1.0/part-1.0.jar",
  bytes: CONTENT.byteLength,
  sha256: createHash("sha256").update(CONTENT).digest("hex"),
};

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "amc-fetch-"));
  requests = [];
  failures = [];
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.writeHead(failures.shift() ?? 200).end(CONTENT);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  repository = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/maven2/`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(cache, { recursive: true });
});

const fetchInto = (artefacts: readonly Artefact[], onProgress = (_done: number) => undefined) =>
  fetchArtefacts(artefacts, {
    repository,
    cache,
    onProgress: ({ doneBytes }) => onProgress(doneBytes),
  });

const partialFiles = () =>
  readdirSync(cache, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".partial"),
  );

describe("an artefact", () => {
  it("is fetched from the repository once, and is there afterwards", async () => {
    const progress: number[] = [];
    await fetchInto([artefact], (done) => void progress.push(done));
    expect(requests).toEqual([`/maven2/${artefact.path}`]);
    expect(readFileSync(artefactPath(cache, artefact))).toEqual(CONTENT);
    expect(progress.at(-1)).toBe(CONTENT.byteLength);
    expect(await missingArtefacts([artefact], cache)).toEqual([]);
  });

  it("is asked for again when the repository has a bad moment", async () => {
    failures = [503, 500];
    await fetchInto([artefact]);
    expect(requests).toHaveLength(3);
    expect(readFileSync(artefactPath(cache, artefact))).toEqual(CONTENT);
  });

  it("is refused with another content than listed, and nothing of it is kept", async () => {
    const other = { ...artefact, sha256: "0".repeat(64) };
    await expect(fetchInto([other])).rejects.toMatchObject({
      code: "stack.checksum",
      facts: { sha256: artefact.sha256 },
    });
    expect(existsSync(artefactPath(cache, other))).toBe(false);
    expect(partialFiles()).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  it("counts as missing when somebody changed it in the cache", async () => {
    await fetchInto([artefact]);
    writeFileSync(artefactPath(cache, artefact), "something else");
    expect(await missingArtefacts([artefact], cache)).toEqual([artefact]);
  });

  it("that cannot be had is named with its address and where to put it instead", async () => {
    failures = [404, 404, 404];
    await expect(fetchInto([artefact])).rejects.toMatchObject({
      code: "stack.download-failed",
      message: expect.stringMatching(/HTTP 404.*MAVEN_REPOSITORY/),
      facts: { url: expect.stringContaining(artefact.path), path: artefactPath(cache, artefact) },
    });
  });
});
