import type { ProviderErrorCode } from "@amc/platform/http/provider-error";
import type { Printer } from "../output/printer.ts";
import type { SourceTeller } from "./source-asker.ts";
import { budgetText, type SweepBudget } from "./sweep-budget.ts";

/** One source as it is told at the start. */
export interface SourceLine {
  readonly provider: string;
  readonly state: "asked" | "mock" | "not-asked";
  /** What comes of it, or what is missing without it and what to do. */
  readonly text: string;
}

/** What to do about a source that cannot be reached, by what it failed with. */
const ADVICE: Readonly<Partial<Record<ProviderErrorCode, string>>> = {
  "provider.connection": "look whether this machine reaches it; it is tried again by itself",
  "provider.timeout": "it is slow or out of reach; it is tried again by itself",
  "provider.unavailable": "it has trouble of its own; it is tried again by itself",
  "provider.rate-limited": "it was asked too often, perhaps by others with the same address or key",
  "provider.budget-spent": "its budget is spent; it is asked again when there is some",
  "provider.refused": "its key is wrong, spent, or not for this: look at its variable",
  "provider.address":
    "its name leads to a private address: look at the resolver, or name it in its variable",
};
const UNUSABLE = "its answers are not what it documents; `npm run amc -- doctor` and an issue help";

export function tellSources(printer: Printer, sources: readonly SourceLine[]): void {
  for (const source of sources) {
    const state = source.state === "not-asked" ? "not asked" : source.state;
    printer.line({ type: "source", ...source }, `${source.provider}: ${state}: ${source.text}`);
  }
}

export function tellBudgets(printer: Printer, budgets: readonly SweepBudget[]): void {
  printer.line(null, "what a sweep over all that is watched costs:");
  for (const budget of budgets) printer.line({ type: "budget", ...budget }, budgetText(budget));
}

/** Lines about what cannot be reached, once until it is again. */
export function sourceTeller(printer: Printer): SourceTeller {
  return {
    unreachable: (provider, code, message) => {
      const advice = ADVICE[code] ?? UNUSABLE;
      printer.line(
        { type: "unreachable", provider, code, message, advice },
        `${provider} cannot be reached (${code}): ${message}: ${advice}`,
      );
    },
    answersAgain: (provider) => {
      printer.line({ type: "reached", provider }, `${provider} answers again`);
    },
    unknown: (provider, about) => {
      printer.line(
        { type: "unknown-symbol", provider, symbol: about },
        `${provider} does not know ${about}: not asked again before the next start`,
      );
    },
  };
}
