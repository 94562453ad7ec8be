import { element, empty, pill, show, table, track } from "./dom.js";
import { count, dollars, eastern, percent, score, words } from "./format.js";

const HEALTH_TONE = { healthy: "good", warning: "warn", critical: "bad" };
export const LABEL = {
  trade_ready: ["Trade ready", "good"],
  watchlist: ["Watchlist", "warn"],
  none: ["Listed", ""],
};

/** The newest run: when, under which rules, how many symbols each step left, and what stopped the rest. */
export function showRun(run) {
  if (run === undefined) {
    show("run-body", empty("No run yet. One follows at every discovery slot."));
    show("candidates-body", empty("No run yet."));
    return;
  }
  show("run-body", facts(run), funnel(run), eliminations(run));
  showCandidates(run);
}

function facts(run) {
  const health = pill(`Run health: ${run.healthStatus}`, HEALTH_TONE[run.healthStatus] ?? "");
  const rules = `${run.strategy} · ${run.profile} · ${run.preset}`;
  return element(
    "p",
    { class: "facts" },
    element("strong", {}, eastern(run.slot)),
    pill(words(run.session)),
    health,
    run.simulated ? pill("Simulated data", "warn") : null,
    reduction(run),
    element("span", { class: "muted" }, [rules, ...run.healthMessages].join(" · ")),
  );
}

/** Says that symbols were left out; null while every symbol is evaluated. */
function reduction(run) {
  const floor = run.stageCounts.find(({ stage }) => stage === "universe_floor");
  if (floor === undefined) return null;
  return pill(`Universe reduced: ${count(floor.out)} of ${count(floor.in)} symbols`, "warn");
}

function funnel(run) {
  const steps = [
    ["Universe", run.universe],
    ["Evaluable", run.evaluable],
    ["Passed gates", run.passed],
    ["Listed", run.candidatesBeforeCap],
  ];
  return element(
    "ol",
    { class: "funnel", role: "list", "aria-label": "Symbols left after each step" },
    steps.map(([name, left]) =>
      element(
        "li",
        {},
        element("span", { class: "muted" }, name),
        element("span", { class: "count" }, count(left)),
        track(run.universe === 0 ? 0 : left / run.universe),
      ),
    ),
  );
}

function eliminations(run) {
  const stopped = run.eliminations.filter(({ all }) => all > 0);
  if (stopped.length === 0) return element("p", { class: "sub" }, "No gate stopped anything.");
  return element(
    "div",
    {},
    element("p", { class: "sub" }, "Stopped first by each gate (and failed it at all)"),
    element(
      "ul",
      { class: "rows short" },
      stopped.map(({ gate, first, all }) =>
        element(
          "li",
          { class: "bar-row" },
          element("span", {}, GATE_TITLE[gate] ?? words(gate)),
          track(first / run.universe, "bad"),
          element(
            "span",
            { class: "value" },
            count(first),
            element("span", { class: "muted" }, ` (${count(all)})`),
          ),
        ),
      ),
    ),
  );
}

const GATE_TITLE = {
  min_relvol_30: "Relative volume",
  min_volume_spike: "Volume spike",
  min_atr_pct: "Daily range (ATR)",
  vwap_reclaim: "Price against VWAP",
  rsi_band: "RSI(14)",
  ema_cross: "EMA9 over EMA20",
  float_path: "Float",
  price_range: "Price range",
  min_dollar_volume: "Dollar volume",
  momentum_confirmation: "Five-day change",
  tradable: "Tradable",
};

function showCandidates(run) {
  if (run.candidates.length === 0) {
    show("candidates-body", empty("Nothing passed every gate in this run."));
    return;
  }
  const headings = [
    { text: "#" },
    { text: "Symbol" },
    { text: "Standing" },
    { text: "Score" },
    { text: "Confidence", tone: "number wide" },
    { text: "Price", tone: "number" },
  ];
  const rows = run.candidates.map((candidate) => {
    const [label, tone] = LABEL[candidate.label];
    return element(
      "tr",
      {},
      element("td", { class: "muted" }, String(candidate.rank)),
      element("th", { scope: "row" }, candidate.symbol),
      element("td", {}, pill(label, tone)),
      element(
        "td",
        {},
        element("span", { class: "score" }, score(candidate.score), track(candidate.score)),
      ),
      element("td", { class: "number wide" }, percent(candidate.confidence)),
      element("td", { class: "number" }, dollars(candidate.price)),
    );
  });
  show("candidates-body", table("Candidates of the newest run, best first", headings, rows));
}
