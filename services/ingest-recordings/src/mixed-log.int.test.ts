import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { expect, it } from "vitest";
import { playRecording } from "./player.ts";
import { eastern, folderOf, MINUTE_BARS, MINUTE_HEADER, manifestOf } from "./testing/fixtures.ts";

it.each([true, false])(
  "a log whose facts are made up (%s) takes no recording of the other kind",
  async (simulated) => {
    const log = createMemoryLog(systemLayout(3), () => 0);
    const play = async (name: string, at: string, fields: { readonly simulated: boolean }) => {
      const row = `ACME,${new Date(eastern(at)).toISOString()},10,11,9,10,1`;
      const folder = await folderOf({ "bars.csv": `${MINUTE_HEADER}\n${row}\n` });
      try {
        const manifest = manifestOf({ name, sources: [MINUTE_BARS], ...fields });
        return await playRecording({ log, manifest, dataRoot: folder.path });
      } finally {
        await folder.remove();
      }
    };
    expect((await play("first", "2021-01-13 09:40", { simulated })).isDone).toBe(true);
    await expect(
      play("later", "2021-01-13 10:00", { simulated: !simulated }),
    ).rejects.toMatchObject({
      code: "recording.mixed-log",
      facts: { recording: "later", topic: "market.price-tick.v1" },
    });
    expect((await play("more", "2021-01-13 10:30", { simulated })).isDone).toBe(true);
  },
);
