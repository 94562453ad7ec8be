import type { DailyWindow } from "./daily-window.ts";
