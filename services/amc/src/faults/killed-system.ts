import { setTimeout } from "node:timers/promises";
import { playRecording } from "@amc/ingest-recordings/player";
import { loadConfig } from "@amc/platform/config/load-config";
import type { Probe } from "@amc/projector/commit-batch";
import { openRecording } from "../recordings.ts";
import { configuredScoring } from "../scoring-options.ts";
import { openSystem } from "../system.ts";

/**
 * The whole product as a process to be killed: `<data dir> <recording> <data> <build>`. Says READY
 * when everything runs and DONE when the recording is played and visible. `positions-first` is the
 * control: its projector saves positions in a transaction of their own before the rows.
 */
const [dataDirectory = "", name = "built-in", data = "", build = "sound"] = process.argv.slice(2);

/** The broken build stays this long where it is wrong, and says so, so that a kill can find it there. */
const EXPOSED_MS = 100;

const positionsFirst: Probe = async (point, client) => {
  if (point !== "positions-advanced") return;
  await client?.query("COMMIT; BEGIN");
  process.stdout.write("EXPOSED\n");
  await setTimeout(EXPOSED_MS);
};

const variables = { ...loadConfig({}), PORT: 0 };
const recording = await openRecording(name, data);
const system = await openSystem({
  variables,
  scoring: configuredScoring(variables),
  configuredUniverse: null,
  dataDirectory,
  showAlert: () => undefined,
  ...(build === "positions-first" ? { projectorProbe: positionsFirst } : {}),
});
process.stdout.write("READY\n");
await Promise.race([playRecording({ log: system.log, ...recording }), system.ended]);
while ((await system.processor.lag()) > 0 || !(await system.projector.caughtUp())) {
  await Promise.race([setTimeout(20), system.ended]);
}
process.stdout.write("DONE\n");
await system.stop();
