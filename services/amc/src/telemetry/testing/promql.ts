import { parser } from "@prometheus-io/lezer-promql";

/** A piece of an expression, `name` being what Prometheus's own grammar calls it. */
export type PromqlNode = ReturnType<typeof parser.parse>["topNode"];

/** All pieces in their order, the outer before the inner. */
export function promqlNodes(expression: string): readonly PromqlNode[] {
  const nodes: PromqlNode[] = [];
  parser.parse(expression).iterate({
    enter: ({ node }) => {
      nodes.push(node);
    },
  });
  return nodes;
}

/** Whether Prometheus's own grammar takes an expression. */
export function isPromql(expression: string): boolean {
  return !promqlNodes(expression).some(({ type }) => type.isError);
}

/** The pieces around one, innermost first. */
export function around(node: PromqlNode): readonly PromqlNode[] {
  const { parent } = node;
  return parent === null ? [] : [parent, ...around(parent)];
}

/** Series that an expression asks for. */
export interface Selector {
  readonly metric: string;
  /** Alternatives of a pattern are values one by one. */
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[];
  /** Labels that aggregations around it keep. */
  readonly grouped: readonly string[];
  /** Whether it is taken as it is now, rather than as it was over some time. */
  readonly isNow: boolean;
}

export function selectorsOf(expression: string): readonly Selector[] {
  const text = (node: PromqlNode | null) =>
    node === null ? "" : expression.slice(node.from, node.to);
  return promqlNodes(expression)
    .filter(({ name }) => name === "VectorSelector")
    .map((selector) => ({
      metric: text(selector.getChild("Identifier")),
      matchers: (selector.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? []).map(
        (matcher) => ({
          label: text(matcher.getChild("LabelName")),
          values: text(matcher.getChild("StringLiteral")).slice(1, -1).split("|"),
        }),
      ),
      grouped: around(selector).flatMap((node) => groupingOf(node).map(text)),
      isNow: !around(selector).some(({ name }) => name === "MatrixSelector"),
    }));
}

/** Labels that the outermost aggregation of an expression keeps. */
export function labelsKept(expression: string): readonly string[] {
  const outermost = promqlNodes(expression).find(({ name }) => name === "AggregateExpr");
  if (outermost === undefined) return [];
  return groupingOf(outermost).map(({ from, to }) => expression.slice(from, to));
}

function groupingOf(node: PromqlNode): readonly PromqlNode[] {
  const modifier = node.getChild("AggregateModifier");
  return modifier?.getChild("GroupingLabels")?.getChildren("LabelName") ?? [];
}
