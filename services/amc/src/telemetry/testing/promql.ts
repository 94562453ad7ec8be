import { parser } from "@prometheus-io/lezer-promql";

/** A piece of an expression by the name that Prometheus's own grammar has for it. */
export interface PromqlNode {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** From the outermost to the one around it. */
  readonly within: readonly string[];
}

export function promqlNodes(expression: string): readonly PromqlNode[] {
  const nodes: PromqlNode[] = [];
  const within: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ name: type, from, to }) => {
      nodes.push({ type, from, to, text: expression.slice(from, to), within: [...within] });
      within.push(type);
    },
    leave: () => {
      within.pop();
    },
  });
  return nodes;
}

/** Whether Prometheus's own grammar takes an expression. */
export function isPromql(expression: string): boolean {
  let isWhole = true;
  parser.parse(expression).iterate({
    enter: ({ type }) => {
      if (type.isError) isWhole = false;
    },
  });
  return isWhole;
}

/** Selectors of an expression with the labels they ask for, and the labels it groups by. */
export function asksFor(expression: string): {
  metrics: ReadonlyMap<string, ReadonlySet<string>>;
  grouped: readonly string[];
} {
  const metrics = new Map<string, Set<string>>();
  const grouped: string[] = [];
  let selected = new Set<string>();
  for (const { type, text, within } of promqlNodes(expression)) {
    if (type === "Identifier" && within.at(-1) === "VectorSelector") {
      selected = metrics.get(text) ?? new Set();
      metrics.set(text, selected);
    }
    if (type !== "LabelName") continue;
    if (within.includes("LabelMatchers")) selected.add(text);
    else if (within.includes("GroupingLabels")) grouped.push(text);
  }
  return { metrics, grouped };
}

/** Metrics that an expression takes as they are now, rather than as they were over some time. */
export function takenAsOfNow(expression: string): readonly string[] {
  return promqlNodes(expression)
    .filter(({ type, within }) => type === "Identifier" && !within.includes("MatrixSelector"))
    .map(({ text }) => text);
}
