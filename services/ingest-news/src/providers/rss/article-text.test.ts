import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { articleText } from "./article-text.ts";

describe("the text of an article", () => {
  it("is what a reader sees, with its entities read", () => {
    const html = `<div class="a"><p>GameStop Corp. (NYSE:&nbsp;GME) &amp; partners</p>
      <p>said <b>today</b></p></div>`;
    expect(articleText(html)).toBe("GameStop Corp. (NYSE: GME) & partners said today");
  });

  it.each([
    ["a script", '<script type="x">track("$AMC")</script>'],
    ["a style", "<STYLE>.b::after { content: '$AMC' }</STYLE >"],
    ["a comment", "<!-- sponsored by (NYSE: AMC) -->"],
    ["a script without an end", "<script>'$AMC'"],
    ["an attribute", '<img alt="$AMC chart">'],
  ])("has nothing of %s", (_what, hidden) => {
    expect(articleText(`<p>Shares rose</p>${hidden}`)).toBe("Shares rose");
  });

  it("is bounded, and no markup makes it slow or fail", () => {
    const part = fc.constantFrom(
      "<script>",
      "</script>",
      "<!--",
      "-->",
      "<p",
      ">",
      "a",
      "&amp;",
      "<",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 400 }), (parts) => {
        expect(articleText(parts.join("").repeat(50)).length).toBeLessThanOrEqual(20_000);
      }),
      { numRuns: 50 },
    );
    expect(articleText("<script>".repeat(100_000))).toBe("");
    expect(articleText("word ".repeat(100_000)).length).toBeLessThanOrEqual(20_000);
  });
});
