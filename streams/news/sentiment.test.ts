import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headlineSentiment, SENTIMENTS } from "./sentiment.ts";

const polarityOf = (headline: string) => headlineSentiment(headline)?.polarity ?? null;

describe("the sentiment of a headline", () => {
  it.each([
    ["positive", "Apple beats estimates, raises guidance"],
    ["positive", "GameStop surges 120% as short sellers are squeezed"],
    ["positive", "Q3 loss narrows to $1.2 million from $3.4 million"],
    ["positive", "Costs fell 10% in the quarter"],
    ["positive", "Profit of $5.2 million compared to a loss of $3.1 million"],
    ["positive", "Operating profit totalled EUR 21.1 mn, up from EUR 18.6 mn in 2007"],
    ["positive", "BAE shares hit 10-month high on rating upgrade"],
    ["negative", "Apple misses estimates"],
    ["negative", "Q3 loss widens to $3.4 million from $1.2 million"],
    ["negative", "Loss of $5.2 million compared to a profit of $3.1 million"],
    ["negative", "GameStop shares plunge 60% as Robinhood restricts trading"],
    ["negative", "AMC Entertainment announces registered direct offering"],
    ["negative", "Company files for Chapter 11 protection"],
    ["negative", "XYZ announces 1-for-20 reverse stock split"],
    ["negative", "SEC charges former CEO with fraud"],
    ["neutral", "GameStop to hold annual meeting on June 9"],
    ["neutral", "The company has offices in 30 countries"],
  ])("is %s: %s", (sentiment, headline) => {
    expect(headlineSentiment(headline)?.sentiment).toBe(sentiment);
  });

  it.each([
    ["Profit rose 12%", "Profit did not rise"],
    ["Sales increased", "Sales decreased"],
    ["Debt decreased", "Debt increased"],
    ["Net profit was 5.2 mn compared to 3.1 mn", "Net profit was 3.1 mn compared to 5.2 mn"],
    ["Costs were 3.1 mn compared to 5.2 mn", "Costs were 5.2 mn compared to 3.1 mn"],
    ["Shares rose on strong demand", "Shares fell on weak demand"],
    ["GameStop soars", "GameStop denies bankruptcy"],
  ])("is better for %j than for %j", (better, worse) => {
    expect(polarityOf(better)).toBeGreaterThan(polarityOf(worse) ?? 1);
  });

  it("takes a year beside a figure for no figure", () => {
    const headline = "Net profit was EUR 5.2 mn in 2008, compared to EUR 3.1 mn in 2007";
    expect(headlineSentiment(headline)?.sentiment).toBe("positive");
  });

  it("does not see a rise where a company is set up or a member signs up", () => {
    const [idle, bare] = [polarityOf("Firm set up in Tallinn"), polarityOf("Firm in Tallinn")];
    expect(idle).toBe(bare);
  });

  it("is null where there is no word", () => {
    expect(["", "   ", "2021-01-13 12.5%", "…"].map(headlineSentiment)).toEqual(
      Array.from({ length: 4 }, () => null),
    );
  });

  it("is a distribution whose best is what it says, whatever the text", () => {
    const words = fc.constantFrom(
      "profit",
      "loss",
      "rose",
      "fell",
      "not",
      "12.5%",
      ",",
      "to",
      "up",
    );
    const texts = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.array(words).map((all) => all.join(" ")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const found = headlineSentiment(text);
        if (found === null) return;
        const { probabilities, probability, polarity, sentiment } = found;
        const all = SENTIMENTS.map((name) => probabilities[name]);
        expect(all.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
        expect(probability).toBe(Math.max(...all));
        expect(probabilities[sentiment]).toBe(probability);
        expect(Math.abs(polarity)).toBeLessThanOrEqual(1);
        expect(headlineSentiment(text)).toEqual(found);
      }),
    );
  });

  it("costs no more for an absurd text than for a long one", () => {
    const long = "profit up from loss , ".repeat(50);
    expect(headlineSentiment(long.repeat(20_000))).toEqual(headlineSentiment(long.slice(0, 1_000)));
  });
});
