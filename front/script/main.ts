/**
 * The entry of the front: src/main.ts with the host's functions in the place of Node's. Whatever fails, and whatever the front does
 * not do, starts the full program, so that each error has one source.
 */
import "./globals.ts";
import { run } from "../../src/main.ts";
import { host } from "./host.ts";

run(host.args).then(
  (code) => (code === 0 ? host.exit(0) : host.handOver()),
  () => host.handOver(),
);
