import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const LINE = z.object({
  level: z.string(),
  part: z.string(),
  topic: z.string(),
  eventId: z.string(),
  traceId: z.string(),
  runId: z.string().optional(),
  symbol: z.string().optional(),
  msg: z.string(),
});
type Line = z.output<typeof LINE>;

let directory: TestDirectory;
let lines: readonly Line[];
beforeAll(async () => {
  directory = new TestDirectory();
  const words = [
    "start",
    "--data-dir",
    directory.path,
    "--port",
    "0",
    "--exit-when-done",
    "--json",
  ];
  const { stderr, exitCode } = await runCommand(words, { LOG_LEVEL: "info" });
  if (exitCode !== 0) throw new Error(stderr);
  const logged = stderr.split("\n").filter((line) => line.startsWith("{"));
  lines = logged.flatMap((line) => LINE.safeParse(JSON.parse(line)).data ?? []);
});
afterAll(() => directory.dispose());

describe("log lines", () => {
  it("lead with one run id through every part, from the run to the delivered alert (R-MET-08)", () => {
    const recommended = lines.find(({ topic }) => topic === "discovery.recommendation.v1");
    const ofRun = lines.filter(({ runId }) => runId === recommended?.runId);
    const seen = new Set(ofRun.map(({ part, topic, msg }) => `${part} ${msg} ${topic}`));
    expect([...seen].sort()).toEqual([
      "alert-sender published alerts.delivery.v1",
      "alerts published alerts.requested.v1",
      "discovery published discovery.recommendation.v1",
      "discovery published discovery.run.v1",
      "projector/discovery row visible alerts.delivery.v1",
      "projector/discovery row visible alerts.requested.v1",
      "projector/discovery row visible discovery.recommendation.v1",
      "projector/discovery row visible discovery.run.v1",
    ]);
  });

  it("tell symbol and trace, one trace for a recommendation and its alert", () => {
    const alert = lines.find(({ part }) => part === "alert-sender");
    expect(alert).toMatchObject({ level: "info", symbol: "GME" });
    const ofTrace = lines.filter(({ traceId }) => traceId === alert?.traceId);
    expect(ofTrace).toHaveLength(6);
    expect(new Set(ofTrace.map(({ symbol }) => symbol))).toEqual(new Set(["GME"]));
  });
});
