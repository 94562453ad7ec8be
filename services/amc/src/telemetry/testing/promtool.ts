import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AlertRule, HistoryFile } from "./operator-files.ts";

/** Empty where promtool is here; else why tests are skipped, as the end of a name. */
export const noPromtool =
  spawnSync("promtool", ["--version"]).status === 0
    ? ""
    : " (needs promtool: apt-get install --no-install-recommends prometheus)";

export interface PromtoolAnswer {
  readonly isGood: boolean;
  /** All that it said. */
  readonly said: string;
}

const LARGEST_ANSWER = 64 * 1_048_576;

export async function promtool(...words: readonly string[]): Promise<PromtoolAnswer> {
  const asked = promisify(execFile)("promtool", [...words], { maxBuffer: LARGEST_ANSWER });
  const [ended] = await Promise.allSettled([asked]);
  const { stdout = "", stderr = "" } = ended.status === "fulfilled" ? ended.value : ended.reason;
  return { isGood: ended.status === "fulfilled", said: `${stdout}${stderr}` };
}

/** A folder for files that promtool is to read; goes with whoever made it. */
export class PromtoolFolder implements Disposable {
  readonly #path = mkdtempSync(join(tmpdir(), "amc-promtool-"));

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true });
  }

  /** Writes a file, in JSON, which is YAML without its surprises. Returns its path. */
  write(name: string, content: object): string {
    const path = join(this.#path, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  }

  /** Writes a file of one group of rules. Returns its path. */
  rules(name: string, rules: readonly (AlertRule | { record: string; expr: string })[]): string {
    return this.write(`${name}.yml`, { groups: [{ name: "amc", rules }] });
  }
}

/** Of rules that are to behave as one does, the places of those that do over all histories of it. */
export async function alikeOverHistories(
  { alert }: AlertRule,
  others: readonly AlertRule[],
  files: readonly HistoryFile[],
): Promise<readonly number[]> {
  using folder = new PromtoolFolder();
  const named = others.map((other, at) => ({ ...other, alert: `${alert}_${at}` }));
  const rule_files = [folder.rules("rules", named)];
  const paths = files.flatMap(({ evaluation_interval, tests: ofAll }, at) => {
    const tests = ofAll
      .filter(({ name }) => name.startsWith(`${alert} `))
      .map((history) => ({
        ...history,
        alert_rule_test: history.alert_rule_test.flatMap((look) =>
          named.map(({ alert: alertname }) => ({ ...look, alertname })),
        ),
      }));
    if (tests.length === 0) return [];
    return [folder.write(`${at}.test.yml`, { rule_files, evaluation_interval, tests })];
  });
  const { said } = await promtool("test", "rules", ...paths);
  const different = new Set([...said.matchAll(/alertname: (\w+), time:/g)].map(([, name]) => name));
  return named.flatMap(({ alert: name }, at) => (different.has(name) ? [] : [at]));
}
