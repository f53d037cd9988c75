/**
 * Replaces the npm package `debug` in the bundle (rolldown.config.js). The proxy agents use it, and with
 * DEBUG=* in the environment it would print the proxy's password and the signed request on stderr.
 */
export default function createDebug(): () => void {
  return () => undefined;
}
