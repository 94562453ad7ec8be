import type { Variables } from "@amc/platform/config/variables";
import type { Provider } from "@amc/platform/http/provider-limits";
import type { SourceLine } from "./live-words.ts";
import type { LiveUniverse } from "./universe.ts";

/** Every source in one line: what comes of it, or what is missing without it and what to do. */
export function describeSources(
  variables: Variables,
  mocked: ReadonlyMap<Provider, unknown>,
  universe: LiveUniverse,
): readonly SourceLine[] {
  const asked = (provider: Provider, text: string): SourceLine => ({
    ...{ provider, text },
    state: mocked.has(provider) ? "mock" : "asked",
  });
  const left = (provider: Provider, text: string): SourceLine => ({
    ...{ provider, text },
    state: "not-asked",
  });
  const hasPolygon = variables.POLYGON_API_KEY !== undefined;
  const bySymbol = universe.symbols.length > 0;
  return [
    variables.YAHOO_FINANCE_ENABLED
      ? asked(
          "yahoo",
          hasPolygon
            ? "float, shares, short interest and options of each symbol"
            : "days and minutes, float, shares, short interest and options of each symbol; no key",
        )
      : left("yahoo", "YAHOO_FINANCE_ENABLED is false: no float, no shares"),
    hasPolygon
      ? asked("polygon", "days, minutes and quotes")
      : left("polygon", "no quotes and no whole market; set POLYGON_API_KEY for them"),
    bySymbol
      ? asked("rss", "headlines of each symbol by NEWS_FEED_URL; no key")
      : left("rss", "headlines are asked by symbol; name some in --universe <file>"),
    asked("finra_short", "short interest and short volume of the whole market; no key"),
    variables.ALPHA_VANTAGE_API_KEY !== undefined
      ? asked("alpha_vantage", "options at the close, as many symbols as a day has calls")
      : left(
          "alpha_vantage",
          variables.YAHOO_FINANCE_ENABLED && bySymbol
            ? "options are Yahoo's; with ALPHA_VANTAGE_API_KEY, which is free, it is asked before"
            : "no options: their detector does without; set ALPHA_VANTAGE_API_KEY, which is free",
        ),
  ];
}
