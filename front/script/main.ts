/**
 * The entry of the front: src/main.ts with the host's functions in the place of Node's. Whatever fails, and whatever the front does
 * not do, starts the full program, so that each error has one source.
 */
import "./globals.ts";
import { dependencies } from "../../src/dependencies.ts";
import { run } from "../../src/main.ts";
import { host } from "./host.ts";

const ports = dependencies();
const { cache } = ports;

run(host.args, {
  ...ports,
  // Without a cache, there is nothing that the front can answer.
  cache: { ...cache, entries: (mode, log) => (mode === "none" ? host.handOver() : cache.entries(mode, log)) },
}).then(
  (code) => (code === 0 ? host.exit(0) : host.handOver()),
  () => host.handOver(),
);
