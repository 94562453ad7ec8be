import { describe, expect, it } from "vitest";
import { HEADLINE_EVENTS, type HeadlineEvent, headlineEvent } from "./event-type.ts";

const EXAMPLES: Readonly<Record<HeadlineEvent, readonly string[]>> = {
  bankruptcy: ["Bed Bath & Beyond files for Chapter 11", "Express Inc. raises going concern doubt"],
  delisting: ["Mullen receives Nasdaq delisting notice", "Company regains minimum bid price rule"],
  halt: [
    "GameStop shares halted in Hong Kong pending announcement",
    "Trading in AMC halted for volatility: NYSE halts trading",
    "Fund suspends trading",
  ],
  "approval-refused": [
    "FDA rejects Biogen's drug application",
    "Drugmaker gets complete response letter from FDA",
    "Judge blocks JetBlue's purchase of Spirit",
  ],
  approval: [
    "FDA approves Shire's drug; shares halted",
    "Novavax wins EU approval for vaccine",
    "Device cleared by the FDA",
  ],
  "reverse-split": ["XYZ announces 1-for-20 reverse stock split"],
  split: ["GameStop board approves four-for-one stock split"],
  offering: [
    "AMC Entertainment announces registered direct offering",
    "Bed Bath & Beyond prices $225 million public offering",
    "GameStop to sell up to 3.5 million shares in at-the-market program",
    "GameStop prices $1.3 billion of convertible senior notes",
  ],
  buyback: ["Apple announces $110 billion share repurchase"],
  "squeeze-talk": [
    "Is GameStop headed for another short squeeze?",
    "Reddit traders pile into AMC",
    "Short sellers lose billions on GameStop",
  ],
  merger: ["Royal Dutch Shell to buy BG Group", "Kohl's draws takeover bid from Starboard"],
  lawsuit: ["SEC charges former CEO", "Tesla sued over Autopilot claims"],
  guidance: ["AO World shares tumble on profit warning", "Dell raises full-year forecast"],
  earnings: ["WPP Q1 revenue rises over 8%", "Apple beats estimates", "BP reports annual loss"],
  dividend: ["Rio Tinto drops dividend policy"],
  "analyst-rating": ["Wedbush downgrades GameStop to underperform"],
  management: ["Barclays appoints Paul Compton as new COO", "GameStop CFO to step down"],
  layoffs: ["Shell to lay off another 2200 staff", "BP set to cut hundreds of jobs"],
  contract: ["Rolls-Royce wins $9.2 billion order from Emirates", "Palantir awarded Army contract"],
};

describe("the event of a headline", () => {
  it.each(
    HEADLINE_EVENTS.flatMap((event) =>
      EXAMPLES[event].map((headline) => [event, headline] as const),
    ),
  )("is %s: %s", (event, headline) => {
    expect(headlineEvent(headline)).toBe(event);
  });

  it.each([
    "Company rules out a merger with its rival",
    "Firm denies bankruptcy rumors",
    "Board says it will not pay a dividend",
    "Sainsbury chief warns of squeeze on high street retailers",
    "US equity indexes rise this week",
    "What does it cost to charge a Tesla?",
    "",
  ])("is none: %s", (headline) => {
    expect(headlineEvent(headline)).toBeNull();
  });

  it("is the one that matters most when there are several", () => {
    expect(headlineEvent("Retailer files for bankruptcy, cuts guidance and halts dividend")).toBe(
      "bankruptcy",
    );
  });

  it("is found in time that grows with the text", () => {
    const words = HEADLINE_EVENTS.flatMap((event) => EXAMPLES[event])
      .join(" x ")
      .split(" ");
    const scrambled = Array.from({ length: 20_000 }, (_, at) => words[(at * 7) % words.length]);
    expect(HEADLINE_EVENTS).toContain(headlineEvent(scrambled.join(" ")));
  });
});
