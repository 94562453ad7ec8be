import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{schemas,streams,services,scripts,infra}/**/*.{test,int.test,e2e.test}.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more workers only make the timing of the process tests worse.
    maxWorkers: 2,
  },
});
