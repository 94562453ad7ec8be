/**
 * Builds an element. `properties` are attributes, except `class` and `share`: the custom property
 * that the bars draw. Text always becomes a text node, so nothing the API says can become markup.
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "share") node.style.setProperty("--share", String(value));
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

export function show(id, ...children) {
  const node = document.getElementById(id);
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null));
  node.closest("[aria-busy]")?.setAttribute("aria-busy", "false");
}

export function empty(text) {
  return element("p", { class: "empty" }, text);
}

export function pill(text, tone = "") {
  return element("span", { class: `pill ${tone}`.trim() }, text);
}

/** A bar from 0 to 1; the figure it draws stands beside it as text. */
export function track(share, tone = "") {
  const clamped = Math.max(0, Math.min(1, share));
  return element(
    "span",
    { class: `track ${tone}`.trim(), "aria-hidden": "true" },
    element("i", { class: "fill", share: clamped }),
  );
}

export function table(caption, headings, rows) {
  const head = headings.map(({ text, tone }) => element("th", { scope: "col", class: tone }, text));
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, head)),
      element("tbody", {}, rows),
    ),
  );
}
