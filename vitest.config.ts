import { defineConfig } from "vitest/config";

const FOLDERS = "{schemas,streams,services,scripts,infra}/**";

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [`${FOLDERS}/*.test.ts`],
          exclude: ["**/node_modules/**", "**/*.int.test.ts", "**/*.e2e.test.ts"],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          // These start processes, Postgres among them, and kill them: one file at a time, so that a
          // deadline inside a test measures the test and not its neighbours.
          name: "integration",
          include: [`${FOLDERS}/*.{int,e2e}.test.ts`],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
