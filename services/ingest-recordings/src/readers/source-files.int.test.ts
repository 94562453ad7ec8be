import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderOf } from "../testing/fixtures.ts";
import { sourceFiles } from "./source-files.ts";

let folder: Awaited<ReturnType<typeof folderOf>>;
let root: string;

beforeAll(async () => {
  folder = await folderOf({
    "outside/secret.csv": "not of this recording",
    "root/bars/gme.csv": "x",
    // Its name begins as that of the root: a comparison of texts would let it pass.
    "root-of-others/secret.csv": "not of this recording",
  });
  root = join(folder.path, "root");
  await symlink("../outside/secret.csv", join(root, "link.csv"));
  await symlink("../outside", join(root, "linked"));
  await symlink("../root-of-others/secret.csv", join(root, "neighbour.csv"));
  await symlink("bars/gme.csv", join(root, "inside.csv"));
  await mkdir(join(root, "..bars"));
  await writeFile(join(root, "..bars/gme.csv"), "x");
  await symlink("root", join(folder.path, "root-by-another-name"));
});

afterAll(() => folder.remove());

const labelsOf = async (path: string, dataRoot = root) =>
  (await sourceFiles({ name: "bars", path }, dataRoot)).map(({ label }) => label);

describe("the files of a source", () => {
  it.each(["link.csv", "linked/secret.csv", "neighbour.csv", "l*.csv", "*.csv", "linked/*.csv"])(
    "end the recording when %s leads out of the data root, and the place it leads to is not told",
    async (path) => {
      const found = labelsOf(path);
      await expect(found).rejects.toMatchObject({
        code: "recording.path-outside-root",
        facts: { source: "bars" },
        message: expect.stringMatching(/is a link that leads out of .+root; copy the file/),
      });
      await expect(found).rejects.not.toThrow(/outside|others/);
    },
  );

  it("may be links to files below the data root, and the root may be a link itself", async () => {
    expect(await labelsOf("inside.csv")).toEqual(["inside.csv"]);
    expect(await labelsOf("..bars/gme.csv")).toEqual(["..bars/gme.csv"]);
    const otherName = join(folder.path, "root-by-another-name");
    expect(await labelsOf("bars/{symbol}.csv", otherName)).toEqual(["bars/gme.csv"]);
  });
});
