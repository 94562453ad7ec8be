import { element, empty, pill, show, table, track } from "./dom.js";
import { dollars, eastern, percent, score } from "./format.js";
import { LABEL } from "./run-view.js";

/** Recommendations as a list of choices; `choose` gets the id of the one that was chosen. */
export function showRecommendations(recommendations, chosenId, choose) {
  if (recommendations.length === 0) {
    show(
      "recommendations-body",
      empty(
        "None yet. A symbol is recommended when it first reaches the watchlist on a trading day, and again when its standing rises.",
      ),
    );
    return;
  }
  const items = recommendations.map((recommendation) =>
    element("li", {}, choice(recommendation, chosenId, choose)),
  );
  show("recommendations-body", element("ul", { class: "scroller" }, items));
}

function choice(recommendation, chosenId, choose) {
  const [label, tone] = LABEL[recommendation.label];
  const button = element(
    "button",
    {
      type: "button",
      class: "recommendation",
      "data-id": recommendation.id,
      "aria-current": String(recommendation.id === chosenId),
    },
    element(
      "span",
      { class: "head" },
      element("span", { class: "symbol" }, recommendation.symbol),
      pill(label, tone),
      eastern(recommendation.happenedAt),
      element(
        "span",
        { class: "figures" },
        `${dollars(recommendation.price)} · score ${score(recommendation.score)} · confidence ${percent(recommendation.confidence)}`,
      ),
    ),
    element("span", { class: "thesis" }, recommendation.reasons.slice(0, 3).join(" · ")),
  );
  button.addEventListener("click", () => choose(recommendation.id));
  return button;
}

export function markChosen(id) {
  for (const button of document.querySelectorAll(".recommendation")) {
    button.setAttribute("aria-current", String(button.dataset.id === id));
  }
}

/** What one or two gates rejected, and by how much. */
export function showNearMisses(nearMisses) {
  if (nearMisses.length === 0) {
    show("near-misses-body", empty("Nothing came close."));
    return;
  }
  const headings = [
    { text: "When" },
    { text: "Symbol" },
    { text: "Score before gates", tone: "wide" },
    { text: "Price", tone: "number wide" },
    { text: "What it missed" },
  ];
  show(
    "near-misses-body",
    table("Near misses, newest first", headings, nearMisses.map(nearMissRow)),
  );
}

function nearMissRow(miss) {
  return element(
    "tr",
    {},
    element("td", {}, eastern(miss.happenedAt, { withDay: false })),
    element("th", { scope: "row" }, miss.symbol),
    element(
      "td",
      { class: "wide" },
      element("span", { class: "score" }, score(miss.rawScore), track(miss.rawScore ?? 0)),
    ),
    element("td", { class: "number wide" }, dollars(miss.price)),
    element("td", {}, element("ul", {}, miss.failures.map(failure))),
  );
}

function failure(gate) {
  const figures =
    gate.valueText === null
      ? "not known"
      : `${gate.valueText}${gate.thresholdText === null ? "" : `, limit ${gate.thresholdText}`}`;
  const short = gate.margin === null ? "" : ` (${percent(-gate.margin)} short)`;
  return element(
    "li",
    { title: gate.words },
    `${gate.title}: `,
    element("span", { class: "muted" }, figures + short),
  );
}
