import type { TestCase, TestModule, TestSuite, Vitest } from "vitest/node";
import { type Outcome, type SkippedTest, skipReason } from "./outcome.ts";

function namesOutsideIn(test: TestCase): string[] {
  const names = [test.name];
  for (let parent = test.parent; parent.type === "suite"; parent = parent.parent) {
    names.unshift(parent.name);
  }
  return names;
}

/** Errors outside its tests: a file that does not load, a `beforeAll` or `afterAll` that throws. */
function suiteFailures(module: TestModule): number {
  const suites: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
  return suites.filter((suite) => suite.errors().length > 0).length;
}

/** What a finished run has shown. A test that was collected and never ended counts as failed. */
export function collectOutcome(vitest: Vitest): Outcome {
  let passed = 0;
  let failed = vitest.state.getUnhandledErrors().length;
  const skipped: SkippedTest[] = [];
  for (const module of vitest.state.getTestModules()) {
    failed += suiteFailures(module);
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") passed += 1;
      else if (result.state === "skipped") {
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        skipped.push({ name, reason: skipReason(namesOutsideIn(test), result.note) });
      } else failed += 1;
    }
  }
  return { passed, failed, skipped };
}
