import { withoutMarkup } from "@amc/platform/text/without-markup";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { articleLead } from "./article-text.ts";

describe("the text of an article", () => {
  it("is what a reader sees, with its entities read", () => {
    const html = `<div class="a"><p>GameStop Corp. (NYSE:&nbsp;GME) &amp; partners</p>
      <p>said <b>today</b></p></div>`;
    expect(articleLead(html)).toBe("GameStop Corp. (NYSE: GME) & partners said today");
  });

  it.each([
    ["a script", '<script type="x">track("$AMC")</script>'],
    ["a style", "<STYLE>.b::after { content: '$AMC' }</STYLE >"],
    ["a comment", "<!-- sponsored by (NYSE: AMC) -->"],
    ["a script without an end", "<script>'$AMC'"],
    ["an attribute", '<img alt="$AMC chart">'],
  ])("has nothing of %s", (_what, hidden) => {
    expect(articleLead(`<p>Shares rose</p>${hidden}`)).toBe("Shares rose");
  });

  it("is its first paragraph, and ends before a tag that the cut would make another one", () => {
    const html = `<p>x${"x ".repeat(295)}(NYSE: GME) rose</p><p>as did $AMC</p>`;
    const plain = withoutMarkup(html);
    // The cut goes through the symbol.
    expect(plain.slice(0, 600)).toMatch(/\(NYSE: GM$/);
    expect(articleLead(html)).toMatch(/x \(NYSE: $/);
    expect(articleLead(`股${"价".repeat(500)} (NYSE: GME)${"。".repeat(200)}`)).toContain(
      "NYSE: GME",
    );
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
        expect(articleLead(parts.join("").repeat(50)).length).toBeLessThanOrEqual(600);
      }),
      { numRuns: 50 },
    );
    expect(articleLead("<script>".repeat(100_000))).toBe("");
    expect(articleLead("word ".repeat(100_000)).length).toBeLessThanOrEqual(600);
  });
});
