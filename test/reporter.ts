/** Closes a test run: what was skipped, by name, what failed, and the plain counts. */
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Enough to find the cause from the end of a log alone. */
const mostLinesOfAMessage = 12;

export default class ClosingLines implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const closing: string[] = [];
    for (const module of modules) {
      // A file that could not be loaded has no tests, and is a failure all the same.
      if (module.errors().length > 0) counts.failed += 1;
      closing.push(...module.errors().map((error) => line("failed", module, "", error.message)));
      for (const test of module.children.allTests()) {
        counts[test.result().state] += 1;
        if (test.result().state === "skipped") console.log(line("skipped", module, test.fullName));
        closing.push(...failures(module, test));
      }
    }
    for (const failure of closing) console.log(failure);
    console.log(
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`,
    );
  }
}

/** A test that passes when it is tried again is a fault to mend, of the test or of the program: it is named. */
function failures(module: TestModule, test: TestCase): string[] {
  const kind = test.result().state === "failed" ? "failed" : "passed when tried again";
  return (test.result().errors ?? []).map((error) => line(kind, module, test.fullName, error.message));
}

function line(kind: string, module: TestModule, name: string, message = ""): string {
  const words = message.split("\n").slice(0, mostLinesOfAMessage).join("\n    ");
  return [`${kind}: ${[module.relativeModuleId, name].filter(Boolean).join(" > ")}`, words]
    .filter(Boolean)
    .join("\n    ");
}
