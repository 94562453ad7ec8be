import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readInsight } from "./suggestions.ts";

const FIGURES = { "runs.all": 20, "gate.vwap_reclaim.failed-or-unknown": 800, "health.mean": null };

const SUGGESTION = {
  title: "Replay with a lower limit of vwap_reclaim",
  rationale: "It failed 800 of 1,000 evaluations.",
  area: "gates",
  confidence: 0.6,
  evidence: ["gate.vwap_reclaim.failed-or-unknown", "runs.all"],
};
const INSIGHT = { summary: "Few evaluations pass.", suggestions: [SUGGESTION] };

const read = (value: unknown) => readInsight(JSON.stringify(value), FIGURES);
const suggesting = (...suggestions: readonly object[]) => ({ ...INSIGHT, suggestions });
const withOne = (changes: object) => suggesting({ ...SUGGESTION, ...changes });
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...SUGGESTION, title: `${index}` }));

describe("what a model wrote", () => {
  it("is an insight when it has the fields that were asked for, and no others go on", () => {
    expect(read(INSIGHT)).toEqual({ ok: true, insight: INSIGHT });
    expect(read({ ...withOne({ order: "buy" }), apply: true })).toEqual({
      ok: true,
      insight: INSIGHT,
    });
    expect(read(suggesting())).toMatchObject({ ok: true });
    expect(read(suggesting(...numbered(8)))).toMatchObject({ ok: true });
  });

  it.each<readonly [string, unknown, RegExp]>([
    ["a sentence", "Here is what I suggest:", /not the fields/],
    ["a list", [INSIGHT], /not the fields/],
    ["without a summary", { suggestions: [] }, /not the fields/],
    ["with an empty summary", { ...INSIGHT, summary: " " }, /summary/],
    ["with a long summary", { ...INSIGHT, summary: "x".repeat(601) }, /summary/],
    ["with a title of two lines", withOne({ title: "a\nb" }), /title/],
    ["with a title that moves the cursor", withOne({ title: "a\u001b[2Jb" }), /title/],
    ["with a title that turns letters round", withOne({ title: "a\u202eb" }), /title/],
    ["with a long title", withOne({ title: "x".repeat(121) }), /title/],
    ["with a long rationale", withOne({ rationale: "x".repeat(601) }), /rationale/],
    ["about something else", withOne({ area: "orders" }), /not the fields/],
    ["with a confidence in words", withOne({ confidence: "high" }), /not the fields/],
    ["with a confidence above 1", withOne({ confidence: 1.01 }), /confidence/],
    ["with a confidence below 0", withOne({ confidence: -0.01 }), /confidence/],
    ["without evidence", withOne({ evidence: [] }), /evidence/],
    ["with too much evidence", withOne({ evidence: Array(7).fill("runs.all") }), /evidence/],
    ["with a figure twice", withOne({ evidence: ["runs.all", "runs.all"] }), /twice/],
    ["with a figure that was not sent", withOne({ evidence: ["runs.none"] }), /nobody stated/],
    ["with a figure that is not known", withOne({ evidence: ["health.mean"] }), /nobody stated/],
    ["with a name that every object has", withOne({ evidence: ["toString"] }), /nobody stated/],
    ["with one suggestion twice", suggesting(SUGGESTION, SUGGESTION), /suggests something twice/],
    ["with nine suggestions", suggesting(...numbered(9)), /too many/],
  ])("is none %s", (_, value, reason) => {
    expect(read(value)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it("is one although a sign in it is joined of several", () => {
    const joined = withOne({ rationale: "Look at it \u{1f9d1}\u200d\u{1f4bb}." });
    expect(read(joined)).toMatchObject({ ok: true });
  });

  it("is none when it is cut anywhere, in a fence or longer than any answer", () => {
    const text = JSON.stringify(INSIGHT);
    for (let length = 0; length < text.length; length += 1) {
      expect(readInsight(text.slice(0, length), FIGURES)).toMatchObject({ ok: false });
    }
    const fenced = `\`\`\`json\n${text}\n\`\`\``;
    expect(readInsight(fenced, FIGURES)).toEqual({ ok: false, reason: "it is no JSON" });
    const long = readInsight(`${text}${" ".repeat(50_000)}`, FIGURES);
    expect(long).toEqual({ ok: false, reason: "it is longer than any answer is" });
  });

  it("gives a reason without a word of it, whatever it is", () => {
    const word = fc.string({ minLength: 4 }).map((text) => `canary ${text}`);
    const value = fc.oneof(
      word,
      fc.record({ summary: word, suggestions: fc.array(fc.jsonValue()) }),
      word.map((text) => withOne({ title: text, evidence: [text] })),
      word.map((text) => withOne({ area: text })),
    );
    fc.assert(
      fc.property(value, (anything) => {
        const result = read(anything);
        if (!result.ok) expect(result.reason).not.toContain("canary");
        else expect(result.insight.suggestions).toEqual([]);
      }),
    );
  });
});
