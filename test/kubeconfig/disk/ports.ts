/** What changing a kubeconfig needs, with a clock that stands still until somebody waits. */
import { disk, type Disk } from "../../../src/kubeconfig/disk/disk.ts";
import type { UpdatePorts } from "../../../src/kubeconfig/disk/update-file.ts";

export interface TestPorts extends UpdatePorts {
  logged: string[];
}

/** @param whileWaiting is called at each pause, with the milliseconds that have passed */
export function testPorts(
  calls: Partial<Disk> = {},
  whileWaiting: (passed: number) => void = () => undefined,
): TestPorts {
  const began = Date.now();
  let passed = 0;
  const logged: string[] = [];
  return {
    disk: { ...disk, ...calls },
    clock: () => new Date(began + passed),
    pause: (milliseconds) => {
      passed += milliseconds;
      whileWaiting(passed);
      return Promise.resolve();
    },
    random: () => 0.5,
    log: (line) => logged.push(line),
    logged,
    signals: { on: () => undefined, off: () => undefined, raise: () => undefined },
  };
}
