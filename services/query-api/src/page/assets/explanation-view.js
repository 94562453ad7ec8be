import { element, pill, show, track } from "./dom.js";
import { eastern, percent, plural, score, words } from "./format.js";

/** One recommendation taken apart: words, contributions, gates, gaps, evidence. */
export function showExplanation(explanation) {
  const { recommendation } = explanation;
  show(
    "explanation-body",
    element("p", { class: "headline" }, explanation.words.headline),
    element(
      "ul",
      { class: "why" },
      explanation.words.why.map((reason) => element("li", {}, reason)),
    ),
    part("What made the score", contributions(explanation)),
    part("Gates", gates(explanation.gates)),
    part("Confidence and what was missing", confidence(explanation)),
    part("Evidence", evidence(explanation.evidence)),
    element(
      "p",
      { class: "basis" },
      explanation.words.basis,
      recommendation.simulated ? pill("Simulated data", "warn") : null,
    ),
  );
}

function part(title, ...content) {
  return element("section", { class: "part" }, element("h3", {}, title), content);
}

function contributions({ contributions: parts, recommendation }) {
  const largest = Math.max(0.01, ...parts.map(({ contribution }) => contribution ?? 0));
  const rows = parts.map(({ detector, contribution, score: own, weight, label, signals }) =>
    element(
      "li",
      { class: "bar-row", title: signals.join(", ") },
      element(
        "span",
        {},
        words(detector),
        label === null ? null : element("span", { class: "muted" }, ` ${label.toLowerCase()}`),
      ),
      track((contribution ?? 0) / largest),
      element(
        "span",
        { class: "value" },
        contribution === null
          ? element("span", { class: "muted" }, "not ready")
          : `+${contribution.toFixed(3)}`,
        element(
          "span",
          { class: "muted" },
          own === null ? "" : ` ${score(own)} × ${percent(weight)}`,
        ),
      ),
    ),
  );
  return [
    element(
      "p",
      { class: "sub" },
      `Together ${score(recommendation.score)}. Weights of detectors that were not ready go to the others.`,
    ),
    element("ul", { class: "rows" }, rows),
  ];
}

function gates(all) {
  const scale = element(
    "div",
    { class: "scale", "aria-hidden": "true" },
    element("span", {}),
    element(
      "span",
      {},
      element("span", {}, "50 % short"),
      element("span", {}, "limit"),
      element("span", {}, "50 % to spare"),
    ),
    element("span", {}),
  );
  return [scale, element("ul", { class: "rows" }, all.map(gate))];
}

// The drawn scale ends at half the limit to either side; figures beside it are exact.
const SCALE_END = 0.5;

function gate({ title, outcome, margin, valueText, thresholdText, words: sentence }) {
  const distance = element("span", { class: `distance ${outcome}`, "aria-hidden": "true" });
  if (margin !== null && outcome !== "not_applicable") {
    distance.append(
      element("i", {
        class: "needle",
        share: Math.min(1, Math.max(0.02, Math.abs(margin) / SCALE_END)),
      }),
    );
  }
  return element(
    "li",
    { class: "gate", title: sentence },
    element("span", {}, title),
    distance,
    element("span", { class: "reading" }, reading(outcome, valueText, thresholdText)),
  );
}

function reading(outcome, valueText, thresholdText) {
  if (outcome === "not_applicable") return pill("Not asked");
  const [tone, word] = outcome === "passed" ? ["good", "Passed"] : ["bad", "Failed"];
  if (valueText === null) return pill(word, tone);
  const limit = thresholdText === null ? "" : ` / ${thresholdText}`;
  return element(
    "span",
    { "aria-label": `${word}: ${valueText}${limit}` },
    valueText,
    element("span", { class: "muted" }, limit),
  );
}

function confidence({ words: { confidence: sentences, missing } }) {
  const gaps = missing.map((sentence) => element("li", {}, sentence));
  return [
    element("p", { class: "sub" }, sentences.join(" ")),
    gaps.length === 0
      ? element("p", { class: "empty" }, "Nothing that counts was missing.")
      : element("ul", { class: "why" }, gaps),
  ];
}

function evidence(root) {
  const { verdict } = root;
  const below =
    verdict === null
      ? []
      : [
          node(
            "Verdict",
            verdict,
            [...verdict.detections.map(detection), ...features(verdict)],
            true,
          ),
        ];
  return [
    element("p", { class: "sub" }, "Replaying exactly these facts gives the same recommendation."),
    element("ul", { class: "tree" }, node("Recommendation", root, below, true)),
  ];
}

function detection(event) {
  return node(`Detection: ${words(event.detector)}`, event, []);
}

function features({ features: event }) {
  return event === null ? [] : [node("Features", event, event.inputs.map(input), true)];
}

function input(facts) {
  const last = facts.count === 1 ? null : place("to", facts.last);
  return element(
    "li",
    {},
    element(
      "span",
      {},
      `${words(facts.role.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))}: ${plural(facts.count, "fact")} from ${facts.source}, the newest public `,
      eastern(facts.publishedAt),
    ),
    element("div", { class: "place" }, place(facts.count === 1 ? "at" : "from", facts.first), last),
    element("div", { class: "place" }, "hash ", element("code", {}, facts.hash)),
  );
}

function node(name, event, below, open = false) {
  const title = [element("span", {}, `${name} `), place("at", event)];
  if (below.length === 0) return element("li", {}, title);
  const details = element("details", {}, element("summary", {}, title), element("ul", {}, below));
  details.open = open;
  return element("li", {}, details);
}

function place(preposition, { id, position }) {
  const text =
    position === null
      ? "no longer in the log"
      : `${position.topic} [${position.partition}] @ ${position.offset}`;
  return element(
    "span",
    { class: "place", title: id },
    `${preposition} `,
    element("code", {}, text),
    " ",
  );
}
