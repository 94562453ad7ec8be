import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StackContext } from "@amc/stack/context";
import { bringDown } from "@amc/stack/down";
import { stackHome } from "@amc/stack/home";
import { findJavas } from "@amc/stack/java";
import { PART_NAMES } from "@amc/stack/parts";
import { settingsFrom } from "@amc/stack/settings";
import { bringUp } from "@amc/stack/up";
import { loadConfig } from "../../config/load-config.ts";
import { ownIdentity } from "../../postgres/process-identity.ts";

export const HAS_JAVA = findJavas(process.env.JAVA_HOME).length > 0;

const OWNER_WATCH = fileURLToPath(import.meta.resolve("@amc/stack/testing/owner-watch"));

/**
 * A real registry that nobody else uses: what `testPart` of the stack gives is shared by a whole run,
 * and these tests need one that is empty, and take it away.
 */
export class TestRegistry {
  readonly #context: StackContext;
  /** Of the Confluent API. */
  readonly url: string;

  private constructor(context: StackContext, url: string) {
    this.#context = context;
    this.url = url;
  }

  static async start(): Promise<TestRegistry> {
    const home = stackHome(mkdtempSync(join(tmpdir(), "amc-registry-test-")));
    const { PATH = "", JAVA_HOME = "", AMC_ARTEFACTS = "", MAVEN_REPOSITORY = "" } = process.env;
    // Not a registry that the environment names: it is not ours to fill or to stop.
    const variables = loadConfig({ PATH, JAVA_HOME, AMC_ARTEFACTS, MAVEN_REPOSITORY });
    const asked = { brokers: undefined, parts: PART_NAMES, home: home.root };
    const context: StackContext = {
      home,
      settings: { ...settingsFrom(variables, asked), wellKnownPorts: null, withContents: false },
      teller: { note: () => undefined, progress: () => undefined },
    };
    // Whatever ends this process, the server goes with it.
    const words = [OWNER_WATCH, home.root, JSON.stringify(ownIdentity())];
    spawn(process.execPath, words, { detached: true, stdio: "ignore" }).unref();
    const settings = { ...context.settings, parts: ["registry"] as const };
    const { parts } = await bringUp({ ...context, settings });
    const address = parts[0]?.address ?? null;
    if (address === null) throw new Error(`no registry: ${parts[0]?.detail}`);
    return new TestRegistry(context, address);
  }

  async stop(): Promise<void> {
    await bringDown(this.#context, true);
  }
}
