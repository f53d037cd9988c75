/** The globals of Node that the front's part uses. Imported before it. */
import { Buffers } from "./bytes.ts";
import { host } from "./host.ts";
import { Url } from "./url.ts";

/** TextDecoder for UTF-8, which leaves out a byte-order mark. */
class Utf8Decoder {
  decode(bytes: Uint8Array): string {
    return host.decode(bytes).replace(/^\ufeff/, "");
  }
}

const process = {
  env: host.env,
  platform: host.platform,
  arch: host.arch,
  pid: host.pid,
  ppid: host.ppid,
  argv: ["", host.program, ...host.args],
  cwd: host.cwd,
  geteuid: () => host.euid,
};

Object.assign(globalThis, {
  Buffer: Buffers,
  TextDecoder: Utf8Decoder,
  URL: Url,
  process,
  // Nothing in the front waits: a file answers at once, and whoever would wait for anything else hands over.
  setTimeout: () => 0,
  clearTimeout: () => undefined,
});
