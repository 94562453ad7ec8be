import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Log } from "@amc/platform/log/port";
import type { FastifyInstance } from "fastify";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_API_CONFIG } from "./config.ts";
import { listen } from "./listen.ts";
import { apiUnderTest, append, memoryLog } from "./testing/api-under-test.ts";
import { memoryReadModel } from "./testing/memory-read-model.ts";
import { type Story, story } from "./testing/story.ts";
import { endsOf, writeStory } from "./testing/story-log.ts";

const BROWSER = process.env.CHROMIUM_PATH ?? onPath("chromium");
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const CONFIG = { ...DEFAULT_API_CONFIG, port: 0 };

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

describe.skipIf(BROWSER === undefined)("the page (needs chromium on PATH or CHROMIUM_PATH)", () => {
  const profile = mkdtempSync(join(tmpdir(), "amc-page-"));
  const whole = story();
  /** What the tables hold: all but the last slot, until a test lets it happen. */
  let told: Story = upTo(whole, 3);
  let app: FastifyInstance;
  let log: Log;
  let browser: BrowserContext;
  let url: string;

  beforeAll(async () => {
    log = memoryLog();
    const { places } = await writeStory(log, told);
    const now = async () => memoryReadModel({ story: told, places, positions: await endsOf(log) });
    app = await apiUnderTest({
      log,
      config: CONFIG,
      readModel: {
        read: async (use) => (await now()).read(use),
        readOnce: async (use) => (await now()).readOnce(use),
        state: async () => (await now()).state(),
        missingMigrations: async () => [],
        ping: async () => undefined,
      },
    });
    url = await listen(app, CONFIG);
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: BROWSER ?? "",
      args: ARGUMENTS,
      viewport: { width: 1280, height: 900 },
    });
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  /** Opens the page and collects what the browser complains about, CSP violations included. */
  async function open(width = 1280): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.setViewportSize({ width, height: 900 });
    await page.goto(url);
    await page.locator('#status[data-state="live"]').waitFor();
    await page.locator(".gate").first().waitFor();
    return { page, complaints };
  }

  it("shows the newest run as a funnel, its eliminations, candidates, near misses and one explanation", async () => {
    const { page, complaints } = await open();
    expect(await page.locator(".funnel .count").allTextContents()).toEqual(["6", "6", "2", "2"]);
    expect(await page.locator("#candidates tbody th").allTextContents()).toEqual(["GME", "KOSS"]);
    expect(await page.locator(".headline").textContent()).toContain(
      "GME reached the watchlist at $22.50, 10:00 ET",
    );
    expect(await page.locator(".gate").count()).toBe(11);
    expect(await page.locator("#near-misses tbody tr").count()).toBe(10);
    expect(await page.locator(".tree code").first().textContent()).toMatch(
      /^discovery\.recommendation\.v1 \[\d\] @ \d+$/,
    );
    expect(await page.locator("#run time").first().getAttribute("title")).toBe(
      "2021-01-13 15:15:00 UTC",
    );
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each([360, 768, 1440])(
    "fits a window of %i pixels without scrolling sideways",
    async (width) => {
      const { page } = await open(width);
      const widths = await page
        .locator("html")
        .evaluate((root) => [root.scrollWidth, root.clientWidth]);
      expect(widths[0]).toBe(widths[1]);
      await page.close();
    },
  );

  it("names every control and figure for those who do not see them", async () => {
    const { page } = await open();
    expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual([
      "Latest run",
      "Candidates of this run",
      "Near misses",
      "Recommendations",
      "Why",
    ]);
    expect(
      await page.getByRole("table", { name: "Candidates of the newest run, best first" }).count(),
    ).toBe(1);
    expect(
      await page.getByRole("button", { name: /GME Watchlist/ }).getAttribute("aria-current"),
    ).toBe("true");
    expect(await page.getByRole("status").textContent()).toBe("Live");
    await page.close();
  });

  it("keeps a chosen theme over a reload", async () => {
    const { page } = await open();
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "Theme" }).click();
    await page.reload();
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    await page.close();
  });

  it("takes in a new run and recommendation as they happen, and shows the new explanation", async () => {
    const { page, complaints } = await open();
    told = whole;
    const [run, recommendation] = [whole.runs[3], whole.recommendations[1]];
    if (run === undefined || recommendation === undefined)
      throw new Error("the story has a last slot");
    await append(log, "discovery.run.v1", run.id, run.event, { key: run.event.runId });
    await append(log, "discovery.recommendation.v1", recommendation.id, recommendation.event, {
      key: "GME",
    });
    await page.getByText("GME reached trade ready at $24.50, 10:30 ET").waitFor();
    expect(await page.locator(".recommendation").count()).toBe(2);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("shows what the API says as text, never as markup", async () => {
    const hostile = "<img src=x onerror=alert(1)>";
    const [recommendation, ...rest] = whole.recommendations;
    if (recommendation === undefined) throw new Error("the story has a recommendation");
    const event = { ...recommendation.event, reasons: [hostile] };
    told = { ...whole, recommendations: [{ ...recommendation, event }, ...rest] };
    const { page, complaints } = await open();
    expect(await page.getByText(hostile).count()).toBeGreaterThan(0);
    expect(await page.locator("img").count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

function upTo(whole: Story, slots: number): Story {
  const last = whole.runs[slots - 1]?.event.slot ?? 0;
  return {
    evaluations: whole.evaluations.filter(({ verdict }) => verdict.event.happenedAt <= last),
    runs: whole.runs.slice(0, slots),
    recommendations: whole.recommendations.filter(({ event }) => event.slot <= last),
    alerts: [],
  };
}
