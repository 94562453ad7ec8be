import { PROBLEMS } from "../api-error.ts";

type Unknown = Readonly<Record<string, unknown>>;

/** The OpenAPI document as one plain page: routes, parameters, answers, problems. */
export function documentationPage(document: object): string {
  const { info, paths } = unknownOf(document);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>AMC query API</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/page/theme.css">
<link rel="stylesheet" href="/page/page.css">
<link rel="stylesheet" href="/page/parts.css">
<link rel="stylesheet" href="/page/docs.css">
</head>
<body>
<header class="bar"><a class="brand" href="/">AMC</a><span class="bar-note">Query API</span>
<nav><a href="/">Live page</a><a href="/openapi.json">openapi.json</a></nav></header>
<main class="docs">
<h1>${text(unknownOf(info).title)}</h1>
<p>${text(unknownOf(info).description)} Lists take an opaque <code>cursor</code>; every answer names its
<code>freshness</code> and the log <code>position</code> it reflects. With keys configured, send
<code>Authorization: Bearer &lt;key&gt;</code>.</p>
${Object.entries(unknownOf(paths))
  .flatMap(([path, methods]) => operationsOf(path, methods))
  .join("\n")}
<h2 id="problems">Problems</h2>
<p>Every error is <code>application/problem+json</code> (RFC 9457) with a stable <code>type</code>.</p>
<div class="scroll"><table><thead><tr><th>Type</th><th>Status</th><th>Title</th></tr></thead><tbody>
${problemRows()}
</tbody></table></div>
</main>
</body>
</html>
`;
}

function operationsOf(path: string, methods: unknown): string[] {
  return Object.entries(unknownOf(methods))
    .filter(([method]) => method !== "head")
    .map(([method, operation]) => operationSection(path, method, unknownOf(operation)));
}

function operationSection(path: string, method: string, operation: Unknown): string {
  const parameters = Array.isArray(operation.parameters) ? operation.parameters : [];
  const rows = parameters.map(unknownOf).map(parameterRow).join("");
  const table =
    rows === ""
      ? ""
      : `<div class="scroll"><table><thead><tr><th>Parameter</th><th>In</th><th>Rule</th><th>Meaning</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  return `<section class="operation">
<h2><span class="method">${text(method.toUpperCase())}</span> <code>${text(path)}</code></h2>
<p>${text(operation.summary)}</p>
${table}${details("Body", unknownOf(operation.requestBody))}${responseDetails(unknownOf(operation.responses))}
</section>`;
}

function parameterRow(parameter: Unknown): string {
  const { description: inSchema, ...rule } = unknownOf(parameter.schema);
  const meaning = parameter.description ?? inSchema ?? "";
  const required = parameter.required === true ? " (required)" : "";
  return `<tr><td><code>${text(parameter.name)}</code>${required}</td><td>${text(parameter.in)}</td><td><code>${text(ruleText(rule))}</code></td><td>${text(meaning)}</td></tr>`;
}

function ruleText(rule: Unknown): string {
  return Object.entries(rule)
    .map(([keyword, value]) =>
      keyword === "type" ? String(value) : `${keyword} ${JSON.stringify(value)}`,
    )
    .join(", ");
}

function responseDetails(responses: Unknown): string {
  return details("Answer", unknownOf(responses["200"]));
}

function details(title: string, { content }: Unknown): string {
  const [media] = Object.values(unknownOf(content));
  const schema = unknownOf(unknownOf(media).schema);
  if (Object.keys(schema).length === 0) return "";
  return `<details><summary>${title}</summary>${fields(schema)}</details>`;
}

/** The members of an answer, nested as they are in it, also in JSON that is the text of a member. */
function fields(schema: Unknown): string {
  const variants = Array.isArray(schema.oneOf) ? schema.oneOf : [];
  if (variants.length > 0) return variants.map((variant) => fields(unknownOf(variant))).join("");
  for (const inner of [schema.items, schema.contentSchema].map(unknownOf)) {
    if (Object.keys(inner).length > 0) return fields(inner);
  }
  const members = Object.entries(unknownOf(schema.properties));
  if (members.length === 0) return "";
  return `<ul class="fields">${members.map(([name, member]) => field(name, unknownOf(member))).join("")}</ul>`;
}

function field(name: string, schema: Unknown): string {
  const types = Array.isArray(schema.type) ? schema.type.join(" or ") : (schema.type ?? "any");
  const format = schema.format === undefined ? "" : ` ${text(schema.format)}`;
  const words = Array.isArray(schema.enum) ? `: ${text(schema.enum.join(", "))}` : "";
  return `<li><code>${text(name)}</code> <span class="type">${text(types)}${format}${words}</span> ${text(schema.description ?? "")}${fields(schema)}</li>`;
}

function problemRows(): string {
  return Object.entries(PROBLEMS)
    .map(
      ([code, { status, title }]) =>
        `<tr><td><code>urn:amc:problem:${code}</code></td><td>${status}</td><td>${text(title)}</td></tr>`,
    )
    .join("\n");
}

function unknownOf(value: unknown): Unknown {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A value as HTML text; nothing for what is absent. */
function text(value: unknown): string {
  const plain = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return plain.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
