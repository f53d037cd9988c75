/** A session bus that another user may own gets nothing, not even a connection. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { secretServiceKeychain } from "../../../../src/cache/keychain/secret-service/secret-service.ts";
import { defaultLimits, TimeLimit } from "../../../../src/cache/keychain/time-limit.ts";

const uid = process.geteuid?.() ?? 0;
let folder: string;
let server: Server;
let connections: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eks-x509-bus-"));
  connections = 0;
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function listenAt(path: string): Promise<void> {
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
}

function ask(address: string): Promise<unknown> {
  const bus = { address, runtimeFolder: undefined };
  const keychain = secretServiceKeychain({ bus, uid, limit: new TimeLimit(defaultLimits) });
  return keychain.setPassword("eks-x509", "token/0", "secret").catch((error: unknown) => error);
}

describe.skipIf(process.platform !== "linux")("the session bus", () => {
  it.each(["unix:abstract=", "unix:path=%00", "tcp:host=localhost;unix:guid=1,abstract="])(
    "at an address that has no owner is refused: %s",
    async (form) => {
      const name = `eks-x509-test-${process.pid}-${form.length}`;
      await listenAt(`\0${name}`);
      expect(await ask(`${form}${name}`)).toMatchObject({ reason: "refused" });
      expect(connections).toBe(0);
    },
  );

  it("at a path is taken before an abstract one", async () => {
    await listenAt(join(folder, "bus"));
    await ask(`unix:abstract=nobody-${process.pid};unix:path=${folder}/bus`);
    expect(connections).toBe(1);
  });

  it("in a folder where others can replace it is refused", async () => {
    mkdirSync(join(folder, "open"));
    chmodSync(join(folder, "open"), 0o777);
    await listenAt(join(folder, "open", "bus"));
    expect(await ask(`unix:path=${folder}/open/bus`)).toMatchObject({ reason: "refused" });
    expect(connections).toBe(0);
    chmodSync(join(folder, "open"), 0o1777);
    await ask(`unix:path=${folder}/open/bus`);
    expect(connections).toBe(1);
  });
});
