import type { Teller } from "./artefacts/provide.ts";
import type { StackHome } from "./home.ts";
import type { StackSettings } from "./settings.ts";

/** What every part is handed. */
export interface StackContext {
  readonly home: StackHome;
  readonly settings: StackSettings;
  readonly teller: Teller;
}
