import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cache, MAX_VALUE_BYTES } from "./port.ts";

export interface CacheFixture {
  readonly cache: Cache;
  /** Lets time pass for the cache, by a clock it was given or by moving what it holds towards its end. */
  advance(ms: number): Promise<void>;
}

/** What every cache adapter promises; `open` gives an empty one. */
export function describeCacheContract(adapter: string, open: () => Promise<CacheFixture>): void {
  describe(`cache contract: ${adapter}`, () => {
    let fixture: CacheFixture;

    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(async () => {
      await fixture.cache.close();
    });

    it("answers what was set, and null for what was not", async () => {
      await fixture.cache.set("amc:a", "1", 60);
      expect(await fixture.cache.get("amc:a")).toBe("1");
      expect(await fixture.cache.get("amc:b")).toBeNull();
    });

    it("keeps text of any script as it is", async () => {
      const text = '{"thesis":"Größe, 株式, 😀, \\u0000"}';
      await fixture.cache.set("amc:text", text, 60);
      expect(await fixture.cache.get("amc:text")).toBe(text);
    });

    it("forgets a key at the end of its time to live and not before", async () => {
      await fixture.cache.set("amc:a", "1", 600);
      await fixture.advance(540_000);
      expect(await fixture.cache.get("amc:a")).toBe("1");
      await fixture.advance(60_000);
      expect(await fixture.cache.get("amc:a")).toBeNull();
      expect(await fixture.cache.ttlSeconds("amc:a")).toBeNull();
      expect(await fixture.cache.keys("amc:")).toEqual([]);
    });

    it("starts the time to live anew with each set", async () => {
      await fixture.cache.set("amc:a", "1", 600);
      await fixture.advance(540_000);
      await fixture.cache.set("amc:a", "2", 900);
      expect(await fixture.cache.ttlSeconds("amc:a")).toBe(900);
      expect(await fixture.cache.get("amc:a")).toBe("2");
    });

    it("deletes a key, and one that is not there without complaint", async () => {
      await fixture.cache.set("amc:a", "1", 60);
      await fixture.cache.delete("amc:a");
      await fixture.cache.delete("amc:a");
      expect(await fixture.cache.get("amc:a")).toBeNull();
    });

    it("lists the keys of a prefix in order, taken literally", async () => {
      for (const key of ["amc:b", "amc:a", "amc*:c", "other"])
        await fixture.cache.set(key, "1", 60);
      expect(await fixture.cache.keys("amc:")).toEqual(["amc:a", "amc:b"]);
      expect(await fixture.cache.keys("amc*")).toEqual(["amc*:c"]);
    });

    it.each([0, -1, 1.5, Number.NaN])("refuses a time to live of %d s", async (ttlSeconds) => {
      await expect(fixture.cache.set("amc:a", "1", ttlSeconds)).rejects.toThrow(RangeError);
    });

    it("refuses an empty value, which could not be told from none", async () => {
      await expect(fixture.cache.set("amc:a", "", 60)).rejects.toThrow(RangeError);
    });

    it("refuses a value beyond the limit and keeps the earlier one", async () => {
      await fixture.cache.set("amc:a", "1", 60);
      const large = "x".repeat(MAX_VALUE_BYTES + 1);
      await expect(fixture.cache.set("amc:a", large, 60)).rejects.toMatchObject({
        code: "cache.value-too-large",
      });
      expect(await fixture.cache.get("amc:a")).toBe("1");
    });

    it("does not take anything after it was closed, and answers nothing", async () => {
      await fixture.cache.set("amc:a", "1", 60);
      await fixture.cache.close();
      await expect(fixture.cache.set("amc:a", "2", 60)).rejects.toMatchObject({
        code: "cache.unavailable",
      });
      expect(await fixture.cache.get("amc:a")).toBeNull();
      await expect(fixture.cache.ping()).rejects.toMatchObject({ code: "cache.unavailable" });
    });

    it("says what answers", async () => {
      expect(await fixture.cache.ping()).toMatch(/^[a-z-]+$/);
    });

    it("takes a value of the largest size and answers it whole", async () => {
      const largest = "ü".repeat(MAX_VALUE_BYTES / 2);
      await fixture.cache.set("amc:a", largest, 60);
      expect((await fixture.cache.get("amc:a")) === largest).toBe(true);
    });
  });
}
