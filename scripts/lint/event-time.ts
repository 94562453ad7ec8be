/**
 * An oxlint plugin with one rule for what no built-in rule can say: in `streams`, a Date is made from
 * an event's time. `new Date()` reads the clock, `Date()` too, and `new Date(y, m, …)` reads the
 * machine's time zone.
 */

interface Callee {
  readonly type: string;
  readonly name?: string;
}

interface CallLike {
  readonly callee: Callee;
  readonly arguments: readonly unknown[];
}

interface RuleContext {
  report(problem: { node: CallLike; message: string }): void;
}

const isDate = (node: CallLike) => node.callee.type === "Identifier" && node.callee.name === "Date";

const dateFromEvent = {
  create(context: RuleContext) {
    return {
      NewExpression(node: CallLike) {
        if (!isDate(node) || node.arguments.length === 1) return;
        const reads = node.arguments.length === 0 ? "the clock" : "the machine's time zone";
        const message = `This Date reads ${reads}; make it from the event's milliseconds.`;
        context.report({ node, message });
      },
      CallExpression(node: CallLike) {
        if (!isDate(node)) return;
        context.report({ node, message: "Date() reads the clock; use the event's time." });
      },
    };
  },
};

export default { meta: { name: "event-time" }, rules: { "date-from-event": dateFromEvent } };
