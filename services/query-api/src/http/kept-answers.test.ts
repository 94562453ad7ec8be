import { describe, expect, it } from "vitest";
import { KeptAnswers, type WrittenAnswer } from "./kept-answers.ts";

const CURRENT = { records: 0, ms: 0 };

function written(text: string): WrittenAnswer {
  return { body: Buffer.from(text), etag: `"${text.length}"`, next: null, source: null };
}

/** Answers and how often each was written. */
function counted() {
  const answers = new KeptAnswers();
  let writes = 0;
  const ask = async (url: string, basis: Parameters<KeptAnswers["answer"]>[1], text = url) => {
    const { body } = await answers.answer(url, basis, async () => {
      writes += 1;
      return written(text);
    });
    return body.toString();
  };
  return { answers, ask, writes: () => writes };
}

describe("kept answers", () => {
  it("are given again as long as tables and lag are what they were made of", async () => {
    const { ask, writes } = counted();
    const tables = { positions: [] };
    expect(await ask("/a", { tables, lag: CURRENT }, "first")).toBe("first");
    expect(await ask("/a", { tables, lag: { ...CURRENT } }, "never made")).toBe("first");
    expect(writes()).toBe(1);
  });

  it.each([
    ["the tables", { tables: { positions: [] }, lag: CURRENT }],
    ["the records of the lag", { tables: null, lag: { records: 1, ms: 0 } }],
    ["the age of the lag", { tables: null, lag: { records: 0, ms: 5 } }],
  ])("are made anew when %s changed", async (_, { tables, lag }) => {
    const { ask } = counted();
    const before = { positions: [] };
    await ask("/a", { tables: before, lag: CURRENT }, "old");
    expect(await ask("/a", { tables: tables ?? before, lag }, "new")).toBe("new");
  });

  it("are shared by equal requests that come while one is made, and by no others", async () => {
    const { ask, writes } = counted();
    const basis = { tables: { positions: [] }, lag: CURRENT };
    const urls = ["/a", "/b", "/a", "/a"];
    expect(await Promise.all(urls.map((url) => ask(url, basis)))).toEqual(urls);
    expect(writes()).toBe(2);
  });

  it("are not kept when they failed", async () => {
    const { answers, ask } = counted();
    const basis = { tables: { positions: [] }, lag: CURRENT };
    const failing = answers.answer("/a", basis, () => Promise.reject(new Error("away")));
    await expect(failing).rejects.toThrow("away");
    expect(await ask("/a", basis, "back")).toBe("back");
  });

  it("give way to newer ones within their room, and leave out what is too large for it", async () => {
    const { ask, writes } = counted();
    const basis = { tables: { positions: [] }, lag: CURRENT };
    const large = "x".repeat(128 * 1024);
    for (let page = 0; page < 65; page += 1) await ask(`/${page}`, basis, large);
    await ask("/64", basis);
    expect(writes()).toBe(65);
    await ask("/0", basis, large);
    expect(writes()).toBe(66);
    await ask("/larger", basis, `${large}x`);
    await ask("/larger", basis, `${large}x`);
    expect(writes()).toBe(68);
    const long = `/${"y".repeat(600)}`;
    await ask(long, basis);
    await ask(long, basis);
    expect(writes()).toBe(70);
  });
});
