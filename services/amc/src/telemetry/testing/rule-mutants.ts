import type { AlertRule } from "./operator-files.ts";
import { around, type PromqlNode, promqlNodes } from "./promql.ts";

/** A rule with one thing wrong, and what that is. */
export interface RuleMutant {
  readonly change: string;
  readonly rule: AlertRule;
}

/** Operators and functions that read alike, and mean something else. */
const TAKEN_FOR: Readonly<Record<string, readonly string[]>> = {
  Gtr: [">=", "<"],
  Lss: ["<=", ">"],
  Eql: ["!="],
  And: ["or"],
  Or: ["and"],
  Unless: ["and"],
  Max: ["min"],
  Min: ["max"],
  Sum: ["max"],
  EqlSingle: ["!="],
  EqlRegex: ["!~"],
  NeqRegex: ["=~"],
};

/** Every rule that differs from this one in a threshold, a time, a name, a label or an operator. */
export function mutantsOf(rule: AlertRule): readonly RuleMutant[] {
  const { expr, for: waits } = rule;
  const ofExpression = promqlNodes(expr).flatMap((node) =>
    replacements(node, expr).map(([instead, from = node.from, to = node.to]) => ({
      change: `${expr.slice(Math.max(0, from - 30), from)}[${expr.slice(from, to)} -> ${instead}]${expr.slice(to, to + 30)}`,
      rule: { ...rule, expr: `${expr.slice(0, from)}${instead}${expr.slice(to)}` },
    })),
  );
  const times = waits === undefined ? [] : otherDurations(waits);
  const ofTime = times.map((time) => ({ change: `for: ${time}`, rule: { ...rule, for: time } }));
  return [...ofExpression, ...ofTime];
}

type Replacement = readonly [instead: string, from?: number, to?: number];

function replacements(node: PromqlNode, expr: string): Replacement[] {
  const { name: type, from, to } = node;
  const text = expr.slice(from, to);
  const others = TAKEN_FOR[type];
  if (others !== undefined) return others.map((other) => [other]);
  if (type === "NumberDurationLiteral") return otherNumbers(Number(text)).map((other) => [other]);
  if (type === "NumberDurationLiteralInDurationContext") {
    return otherDurations(text).map((other) => [other]);
  }
  if (type === "Identifier") return [[`${text}_renamed`]];
  if (type === "FunctionIdentifier" && text === "max_over_time") return [["min_over_time"]];
  if (type === "StringLiteral") return otherValues(text);
  if (type === "UnquotedLabelMatcher") return [["", ...withComma(expr, from, to)]];
  if (type === "LabelName" && around(node).some(({ name }) => name === "GroupingLabels")) {
    return [["", ...withComma(expr, from, to)]];
  }
  return [];
}

/** A tenth more and less, of counts at least one; of one that has grown by one a range makes a little more. */
function otherNumbers(number: number): string[] {
  if (number === 0) return ["2", "-1"];
  const step = Number.isInteger(number) ? Math.max(1, number / 10) : number / 10;
  return [number + step, number - step].map(String);
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Twice and half of it. */
function otherDurations(text: string): string[] {
  const seconds = Number.parseInt(text, 10) * (SECONDS[text.at(-1) ?? ""] ?? Number.NaN);
  return [`${seconds * 2}s`, `${seconds / 2}s`];
}

/** Without each of the alternatives of a pattern. */
function otherValues(literal: string): Replacement[] {
  const alternatives = literal.slice(1, -1).split("|");
  if (alternatives.length === 1) return [['"other"']];
  return alternatives.map((left) => [
    `"${alternatives.filter((alternative) => alternative !== left).join("|")}"`,
  ]);
}

/** An item of a list with the comma that parts it from the next one, or the one before. */
function withComma(expr: string, from: number, to: number): [number, number] {
  const [after = ""] = /^\s*,\s*/.exec(expr.slice(to)) ?? [];
  if (after !== "") return [from, to + after.length];
  const [before = ""] = /\s*,\s*$/.exec(expr.slice(0, from)) ?? [];
  return [from - before.length, to];
}
