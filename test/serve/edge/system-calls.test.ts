import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { dependencies } from "../../../src/dependencies.ts";
import { named } from "../../cache/keychain/programs.ts";
import { outputOf } from "../../e2e/output-of.ts";

const { listen, notify } = await dependencies({}).serving();
const noPython =
  process.platform === "linux" && spawnSync("python3", ["-c", ""]).status === 0
    ? undefined
    : "there is no Python on Linux";
const folder = mkdtempSync(join(tmpdir(), "eks-x509-notify-"));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** As systemd does: it takes one message, and prints it with the sender's process. */
const manager = `
import socket, struct, sys
name = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
receiver.bind("\\0" + name[1:] if name.startswith("@") else name)
print("ready", flush=True)
text, more, _, _ = receiver.recvmsg(4096, 1024)
print(text.decode(), struct.unpack("3i", more[0][2])[0], flush=True)
`;

describe.skipIf(noPython)(named("sd_notify", noPython), () => {
  it.each([join(folder, "notify"), `@eks-x509-${process.pid}`])(
    "reaches %s from this process",
    async (socket) => {
      const child = spawn("python3", ["-c", manager, socket]);
      const output = outputOf(child);
      await once(child.stdout, "data");
      notify(socket, "READY=1\nSTATUS=x");
      await once(child, "close");
      expect(output.stdout).toBe(`ready\nREADY=1\nSTATUS=x ${process.pid}\n`);
    },
  );
});

describe.skipIf(process.platform !== "linux")("sd_notify without a manager", () => {
  it.each([join(folder, "nobody"), "@eks-x509-nobody", "vsock:2:1", "", "relative"])(
    "fails for %j",
    (socket) => {
      expect(() => {
        notify(socket, "READY=1");
      }).toThrow("the ");
    },
  );
});

describe.skipIf(process.platform !== "linux")("the hop limit", () => {
  it.each([
    ["127.0.0.1", 0, 2],
    ["::1", 41, 16],
  ])("is that of the listening and of the accepted socket on %s", async (address, level, name) => {
    const listening = await listen({
      ...{ address, port: 0, hopLimit: 7 },
      answer: () => ({ status: 200, headers: {}, body: "" }),
      onMalformed: () => undefined,
    });
    const client = connect(Number(new URL(listening.url).port), address);
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(client, "data");
    expect(hopLimits(level, name).filter((limit) => limit === 7)).toHaveLength(2);
    client.destroy();
    await listening.close();
  });
});

interface Koffi {
  load(path: null): { func(signature: string): (...values: unknown[]) => number };
}

/** Of all sockets of this process. */
function hopLimits(level: number, name: number): number[] {
  const load: (name: string) => Koffi = createRequire(import.meta.url);
  const getsockopt = load(`@koromix/koffi-linux-${process.arch}`)
    .load(null)
    .func("int getsockopt(int socket, int level, int name, _Out_ void *value, _Inout_ unsigned int *length)");
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    const value = Buffer.alloc(4);
    return getsockopt(Number(descriptor), level, name, value, [4]) === 0 ? [value.readInt32LE()] : [];
  });
}
