import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { isProviderError } from "@amc/platform/http/provider-error";
import { providerUnderTest } from "@amc/platform/http/testing/provider-under-test";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { scheduleRows } from "@amc/streams/short-interest/finra-calendar";
import { afterEach, describe, expect, it } from "vitest";
import { ScheduleError, scheduleAlert, scheduleJobs } from "./schedule-check.ts";

const never = new AbortController().signal;
const AT = newYorkToUtc("2025-09-03", "09:00");

function pageOf(rows: readonly (readonly string[])[]): string {
  const head = "<tr><th>Settlement Date</th><th>Due Date</th><th>Publication Date</th></tr>";
  const body = rows.map((cells) => `<tr>${cells.map((text) => `<td>${text}</td>`).join("")}</tr>`);
  return `<html><table>${head}${body.join("")}</table></html>`;
}

const YEAR = scheduleRows(2025).map((row) => [row.settlementDate, row.dueDate, row.publishedDate]);

describe("check-finra-schedule", () => {
  let mock: LocalServer | null = null;
  let under: ReturnType<typeof providerUnderTest> | null = null;
  afterEach(async () => {
    await under?.close();
    await mock?.close();
  });

  /** What a run ends with: the periods it found as expected, or the error it failed with. */
  async function checked(html: string | null, isEnabled = true): Promise<unknown> {
    mock = await startServer((_path, response) => {
      response.writeHead(html === null ? 404 : 200, { "content-type": "text/html" });
      response.end(html ?? "");
    });
    under = providerUnderTest("finra_short", mock.origin, { startMs: AT });
    let found = 0;
    const jobs = scheduleJobs({
      log: under.log,
      client: under.client,
      isEnabled,
      url: `${mock.origin}/schedule`,
      onChecked: (periods) => {
        found = periods;
      },
    });
    const handler = jobs.get("check-finra-schedule");
    if (handler === undefined) return "nobody's job";
    const lease = await under.log.acquire("jobs.short-interest", 0);
    try {
      const outcome = await handler(AT, never, lease);
      expect(outcome).toEqual(
        isEnabled
          ? { processed: found, successful: found, failed: 0 }
          : { skipped: "switched-off" },
      );
      return found;
    } catch (error) {
      return error;
    }
  }

  it("is done when FINRA's page says what the calendar says", async () => {
    expect(await checked(pageOf(YEAR))).toBe(24);
  });

  it("R-ING-04: fails on a changed page, and names the dates", async () => {
    const moved = YEAR.with(16, ["2025-09-15", "2025-09-18", "2025-09-24"]);
    const error = await checked(pageOf(moved));
    expect(error).toBeInstanceOf(ScheduleError);
    expect(error).toMatchObject({
      code: "schedule.differs",
      facts: { differences: ["2025-09-15 is due on 2025-09-18, by the calendar on 2025-09-17"] },
    });
  });

  it("R-ING-04: fails on a page that it cannot read, and says what to do", async () => {
    const error = await checked("<html><h1>We have moved</h1></html>");
    expect(error).toMatchObject({
      code: "schedule.unreadable",
      message: expect.stringContaining("set FINRA_SCHEDULE_URL"),
    });
  });

  it("is skipped, and asks nobody, where FINRA_SCHEDULE_CHECK_ENABLED is off", async () => {
    expect(await checked(pageOf(YEAR), false)).toBe(0);
    expect(mock?.requests()).toBe(0);
  });

  it("fails when the page is not there, like every provider's answer", async () => {
    expect(isProviderError(await checked(null), "provider.not-found")).toBe(true);
  });
});

describe("what operators hear of a check that was given up (R-ING-04)", () => {
  it.each(["schedule.differs", "schedule.unreadable"] as const)(
    "is %s with what was found and what to do",
    (code) => {
      const error = new ScheduleError(code, "the page is new", { url: "", differences: [] });
      expect(scheduleAlert("check-finra-schedule", error, true)).toMatchObject({
        ...{ kind: code, severity: "WARNING", finding: "the page is new", simulated: true },
        advice: expect.stringMatching(/FINRA_SCHEDULE_URL|control finra-schedule/),
      });
    },
  );

  it("is that nobody knows, where the page was not had; a defect is not quoted", () => {
    const alert = scheduleAlert("check-finra-schedule", new TypeError("secret"), false);
    expect(alert).toMatchObject({ kind: "schedule.unchecked", simulated: false });
    expect(alert?.finding).not.toContain("secret");
  });

  it("is nothing of another job", () => {
    expect(scheduleAlert("data_cleanup", new Error("no"), false)).toBeNull();
  });
});
