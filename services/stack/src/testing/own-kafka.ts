import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { StackContext } from "../context.ts";
import { bringDown } from "../down.ts";
import { stackHome } from "../home.ts";
import { settingsFrom } from "../settings.ts";
import { bringUp } from "../up.ts";

/** A cluster that one test may stop, stall and kill. */
export interface OwnKafka {
  readonly address: string;
  /** Of the brokers that were started last. */
  readonly pids: () => readonly number[];
  /** Starts those brokers again that do not run. */
  readonly restart: () => Promise<void>;
  readonly down: () => Promise<void>;
}

/** Starts a cluster of one test's own; null, with nothing left behind, where it cannot be started. */
export async function ownKafka(brokers: number): Promise<OwnKafka | null> {
  const home = stackHome(mkdtempSync(join(tmpdir(), "amc-own-kafka-")));
  const asked = { brokers, parts: ["kafka" as const], home: home.root };
  const context: StackContext = {
    home,
    settings: {
      ...settingsFrom(loadProcessConfig(), asked),
      given: {},
      wellKnownPorts: false,
      withContents: false,
    },
    teller: { note: () => undefined, progress: () => undefined },
  };
  const down = async () => {
    await bringDown(context, true);
  };
  const { parts } = await bringUp(context);
  const report = parts[0];
  if (report === undefined || report.address === null || report.code !== undefined) {
    await down();
    return null;
  }
  let { pids } = report;
  const restart = async () => {
    pids = (await bringUp(context)).parts[0]?.pids ?? [];
  };
  return { address: report.address, pids: () => pids, restart, down };
}
