import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { PROMETHEUS_HOME, readOperatorFile } from "./operator-files.ts";

/** Empty where Prometheus is here; else why tests are skipped, as the end of a name. */
export const noPrometheus =
  spawnSync("prometheus", ["--version"]).status === 0
    ? ""
    : " (needs prometheus: apt-get install --no-install-recommends prometheus)";

/** Nobody listens there. */
const NOBODY = "127.0.0.1:1";

const LABELS = z.record(z.string(), z.string());
const TARGETS = z.object({
  activeTargets: z.array(z.object({ labels: LABELS, health: z.string(), lastError: z.string() })),
});
const RULES = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          name: z.string(),
          health: z.string(),
          lastError: z.string().optional(),
          /** Of alerts alone. */
          state: z.string().optional(),
          alerts: z.array(z.object({ labels: LABELS, annotations: LABELS })).optional(),
        }),
      ),
    }),
  ),
});
const ANSWER = z.object({
  result: z.array(z.object({ metric: LABELS, value: z.tuple([z.number(), z.string()]) })),
});

/** A Prometheus of its own on loopback, with what operators start theirs with. */
export class TestPrometheus {
  readonly #directory = mkdtempSync(join(tmpdir(), "amc-prometheus-"));
  #process: ChildProcess | null = null;
  #address = "";

  /**
   * Everything of `infra/prometheus/`, but with addresses of the test for targets that it names, nobody at all others,
   * and maybe a rule more. Scraped every five seconds: a scrape may take as long as there is between two, and ours
   * wait for two seconds for what does not answer.
   */
  static async start(
    addresses: Readonly<Record<string, string>>,
    more: readonly { record: string; expr: string }[] = [],
  ): Promise<TestPrometheus> {
    const prometheus = new TestPrometheus();
    const groups = more.map((rule) => ({ name: rule.record, rules: [rule] }));
    prometheus.#write("more.yml", JSON.stringify({ groups }));
    const own = readOperatorFile("infra/prometheus/prometheus.yml")
      .replace("scrape_interval: 60s", "scrape_interval: 5s")
      .replace("evaluation_interval: 15s", "evaluation_interval: 500ms")
      .replace("- rules.yml", `- ${join(PROMETHEUS_HOME, "rules.yml")}\n  - more.yml`)
      .replace(/127\.0\.0\.1:\d+/g, (target) => addresses[target] ?? NOBODY);
    await prometheus.#start(prometheus.#write("prometheus.yml", own));
    return prometheus;
  }

  #write(name: string, text: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, text);
    return path;
  }

  async #start(config: string): Promise<void> {
    const started = spawn(
      "prometheus",
      [
        ...[`--config.file=${config}`, `--storage.tsdb.path=${join(this.#directory, "data")}`],
        "--web.listen-address=127.0.0.1:0",
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    this.#process = started;
    let said = "";
    await new Promise<void>((resolve, reject) => {
      started.stderr.on("data", (text: Buffer) => {
        said += text.toString();
        if (said.includes("Server is ready to receive web requests")) resolve();
      });
      started.once("exit", (code) => reject(new Error(`prometheus ended with ${code}: ${said}`)));
    });
    const [, address = ""] = /"Listening on".* address=(\S+)/.exec(said) ?? [];
    this.#address = address;
  }

  async #ask(path: string): Promise<unknown> {
    const response = await fetch(`http://${this.#address}/api/v1/${path}`);
    const { data } = z.object({ data: z.unknown() }).parse(await response.json());
    return data;
  }

  async targets(): Promise<z.infer<typeof TARGETS>["activeTargets"]> {
    return TARGETS.parse(await this.#ask("targets")).activeTargets;
  }

  async rules(): Promise<z.infer<typeof RULES>["groups"][number]["rules"]> {
    const { groups } = RULES.parse(await this.#ask("rules"));
    return groups.flatMap(({ rules }) => rules);
  }

  /** Values of the series that an expression gives now. */
  async values(expression: string): Promise<readonly number[]> {
    const { result } = ANSWER.parse(
      await this.#ask(`query?query=${encodeURIComponent(expression)}`),
    );
    return result.map(({ value: [, value] }) => Number(value));
  }

  async stop(): Promise<void> {
    const ended = this.#process;
    if (ended !== null && ended.exitCode === null && ended.signalCode === null) {
      ended.kill("SIGKILL");
      await once(ended, "exit");
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
