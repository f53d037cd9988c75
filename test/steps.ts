/** How much work a call does, counted by V8 in function calls: no clock, so that a busy machine does not matter. */
import { Session } from "node:inspector/promises";

/** Calls of all functions, libraries included. */
export async function stepsOf(work: () => unknown): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    await session.post("Profiler.takePreciseCoverage");
    await work();
    const { result } = await session.post("Profiler.takePreciseCoverage");
    return result
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
      .reduce((sum, { count }) => sum + count, 0);
  } finally {
    await session.post("Profiler.disable");
    session.disconnect();
  }
}

/**
 * How many times the work grows when its input grows fourfold: 4 for linear work, 16 for quadratic.
 * @param inputOf of a size
 */
export async function growth<Input>(
  inputOf: (size: number) => Input,
  work: (input: Input) => unknown,
  size: number,
): Promise<number> {
  const [small, large] = [inputOf(size), inputOf(4 * size)];
  // Once before, for what is done at first use alone.
  await work(small);
  const before = await stepsOf(() => work(small));
  return (await stepsOf(() => work(large))) / before;
}
