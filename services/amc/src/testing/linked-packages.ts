import { globSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Gives a copy of the tree the packages that a checkout has installed, but for the workspaces, which
 * are its own.
 */
export function linkPackages(checkout: string, copy: string): void {
  const installed = join(checkout, "node_modules");
  mkdirSync(join(copy, "node_modules", "@amc"), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name !== "@amc") symlinkSync(join(installed, name), join(copy, "node_modules", name));
  }
  for (const manifest of globSync("{schemas,streams,services/*}/package.json", { cwd: copy })) {
    const { name } = JSON.parse(readFileSync(join(copy, manifest), "utf8"));
    symlinkSync(join(copy, dirname(manifest)), join(copy, "node_modules", name));
  }
}
