import { writeFileSync } from "node:fs";
import { BAD_FEEDS, rssOf } from "@amc/ingest-news/testing/feeds";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { openFileLog } from "@amc/platform/log/file";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { TopicName } from "@amc/schemas/topics";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { dataDirectoryAt } from "../operations/data-directory.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const WATCHED = ["--symbols", "GME=GameStop"];

describe("amc ingest news", () => {
  let directory: TestDirectory;
  let server: LocalServer;
  let feed: string | Buffer;

  beforeEach(async () => {
    directory = new TestDirectory();
    feed = rssOf({}, { title: "$AMC prices public offering", guid: null, link: null });
    server = await startServer((_path, response) => {
      response.writeHead(200, { "content-type": "application/rss+xml" });
      response.end(feed);
    });
    await (await logOf()).close();
  });
  afterEach(async () => {
    await server.close();
    directory.dispose();
  });

  const logOf = () =>
    openFileLog({
      directory: dataDirectoryAt(directory.path).log,
      layout: systemLayout(1),
      clock: () => Date.now(),
    });
  async function logged<Topic extends TopicName>(topic: Topic) {
    const log = await logOf();
    const events = await eventsOf(log, topic);
    await log.close();
    return events;
  }
  const ingest = (...words: readonly string[]) =>
    runCommand(["ingest", "news", ...words, "--data-dir", directory.path, "--json"]);
  const ingestServed = (...words: readonly string[]) =>
    ingest("--feed", `${server.origin}/feed`, "--private", ...words);

  it("appends a feed once, however often it is read, with sentiment, event and the call", async () => {
    const first = await ingestServed();
    expect(first.exitCode, first.stderr).toBe(EXIT.ok);
    expect(jsonLines(first)).toMatchObject([
      {
        ...{ type: "ingest", provider: "rss", items: 2, facts: 1, repeated: 0, unlinked: 1 },
        ...{ refused: {}, events: { offering: 1 }, told: [{ symbol: "AMC", event: "offering" }] },
      },
    ]);
    const watched = await ingestServed(...WATCHED);
    expect(jsonLines(watched)).toMatchObject([{ facts: 1, told: [{ symbol: "GME" }] }]);
    const again = await ingestServed();
    expect(jsonLines(again)).toMatchObject([{ facts: 0, repeated: 1 }]);
    const facts = await logged("market.news.v1");
    expect(facts.map(({ symbol }) => symbol)).toEqual(["AMC", "GME"]);
    const [amc, gme] = facts.map(({ polarity }) => polarity ?? 0);
    expect(amc).toBeLessThan(-0.3);
    expect(gme).toBeGreaterThan(0.5);
    expect(await logged("ops.provider-call.v1")).toMatchObject(
      Array.from({ length: 3 }, () => ({ provider: "rss", success: true, statusCode: 200 })),
    );
  });

  it("knows a story of one feed again in a file of another, and shows what it appends", async () => {
    await ingestServed(...WATCHED);
    const file = directory.at("feed.xml");
    const fresh = { title: "GameStop halts trading &amp; more", guid: null, link: null };
    writeFileSync(file, rssOf({ link: "https://else.example/1", guid: null }, fresh));
    const place = ["--feed", file, "--data-dir", directory.path];
    const { stdout } = await runCommand(["ingest", "news", ...place, ...WATCHED]);
    expect(stdout).toContain("news of 2 items: 1 facts appended, 1 known, 0 about nobody wanted");
    expect(stdout).toMatch(/2025-09-08T11:30Z GME +-?\d\.\d\d halt +GameStop halts trading & more/);
  });

  it("says what an item was refused for, and keeps the others", async () => {
    feed = rssOf({}, { title: "GameStop opens", guid: null, link: null, pubDate: null });
    const { facts, refused } = Object(jsonLines(await ingestServed(...WATCHED))[0]);
    expect([facts, refused]).toEqual([1, { "rss.no-date": 1 }]);
  });

  it("appends nothing of what is no feed, and leaves its failed call behind", async () => {
    feed = BAD_FEEDS["ten laughs"] ?? "";
    const result = await ingestServed();
    expect(result.exitCode).toBe(EXIT.unavailable);
    expect(result.stderr).toContain("it has a document type");
    const file = directory.at("feed.xml");
    writeFileSync(file, feed);
    expect((await ingest("--feed", file)).exitCode).toBe(EXIT.noInput);
    expect(await logged("market.news.v1")).toEqual([]);
    expect(await logged("ops.provider-call.v1")).toMatchObject([
      { success: false, errorCode: "provider.unreadable" },
    ]);
  });

  it("asks no private address that nobody named as one", async () => {
    const result = await ingest("--feed", `${server.origin}/feed`);
    expect(result.exitCode).toBe(EXIT.unavailable);
    expect(server.requests()).toBe(0);
  });

  it("says what is missing on the command line, and of a file that is not there", async () => {
    expect((await ingest()).exitCode).toBe(EXIT.usage);
    expect((await ingest("--feed", "http://")).exitCode).toBe(EXIT.usage);
    expect((await ingest("--feed", "x.xml", "--symbols", "<b>")).exitCode).toBe(EXIT.usage);
    expect((await ingest("--feed", directory.at("none.xml"))).exitCode).toBe(EXIT.noInput);
  });

  it.each([
    "https://feeds.example:port/rss?key=canary-51c0",
    "https://canary-51c0@[feeds/rss",
    "feeds.example/rss?key=canary-51c0",
    "user:canary-51c0@feeds.example/rss",
  ])("repeats nothing of a mistyped address that may be a secret: %s", async (address) => {
    const { exitCode, stdout, stderr } = await ingest("--feed", address);
    expect([EXIT.usage, EXIT.noInput]).toContain(exitCode);
    expect(stderr).toContain("amc: ");
    expect(stdout + stderr).not.toContain("canary");
  });
});
