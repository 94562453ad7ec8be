import type { TestCase, TestModule, TestSuite, Vitest } from "vitest/node";
import { type Failure, type Outcome, type SkippedTest, skipReason } from "./outcome.ts";

function namesOutsideIn(test: TestCase): string[] {
  const names = [test.name];
  for (let parent = test.parent; parent.type === "suite"; parent = parent.parent) {
    names.unshift(parent.name);
  }
  return names;
}

/** What was thrown may be anything: vitest passes on what it could read of it. */
function messageOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("message" in error)) return null;
  return String(error.message);
}

/** Errors outside its tests: a file that does not load, a `beforeAll` or `afterAll` that throws. */
function suiteFailures(module: TestModule): Failure[] {
  const suites: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
  return suites
    .filter((suite) => suite.errors().length > 0)
    .map((suite) => ({
      name:
        suite.type === "suite"
          ? `${module.relativeModuleId} > ${suite.fullName}`
          : module.relativeModuleId,
      message: messageOf(suite.errors()[0]),
    }));
}

/** What a finished run has shown. A test that was collected and never ended counts as failed. */
export function collectOutcome(vitest: Vitest): Outcome {
  let passed = 0;
  const failed: Failure[] = vitest.state
    .getUnhandledErrors()
    .map((error) => ({ name: "outside any test", message: messageOf(error) }));
  const skipped: SkippedTest[] = [];
  for (const module of vitest.state.getTestModules()) {
    failed.push(...suiteFailures(module));
    for (const test of module.children.allTests()) {
      const result = test.result();
      const name = `${module.relativeModuleId} > ${test.fullName}`;
      if (result.state === "passed") passed += 1;
      else if (result.state === "skipped") {
        skipped.push({ name, reason: skipReason(namesOutsideIn(test), result.note) });
      } else failed.push({ name, message: messageOf(result.errors?.[0]) });
    }
  }
  return { passed, failed, skipped };
}
