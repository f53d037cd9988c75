/** node:util, as far as the front's part uses it. */

/** @param call one of ./fs.ts, which returns its result and takes no callback */
export function promisify<Args extends unknown[], Result>(
  call: (...args: Args) => Result,
): (...args: Args) => Promise<Result> {
  return (...args) =>
    new Promise((resolve) => {
      resolve(call(...args));
    });
}
