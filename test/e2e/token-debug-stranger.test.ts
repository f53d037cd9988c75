/** The program itself, given a token whose URL names a server that listens: it is not called. */
import { expect, it } from "vitest";
import { run } from "./program.ts";
import { presignedUrl, sessionToken, signature, tokenOf } from "../authenticator/token-form/mutated-token.ts";
import { tcpServer } from "../http/servers.ts";

it.each([
  ["its address", (port: number) => `127.0.0.1:${port}`],
  ["its name", (port: number) => `localhost:${port}`],
  ["it after STS's name, as a user's", (port: number) => `sts.us-west-2.amazonaws.com@127.0.0.1:${port}`],
  ["it in brackets", (port: number) => `[::ffff:127.0.0.1]:${port}`],
])("a token that names %s", async (_how, hostOf) => {
  let connections = 0;
  const { port } = await tcpServer((socket) => {
    connections++;
    socket.destroy();
  });
  const token = tokenOf(presignedUrl({ host: hostOf(port) }));
  const { code, stdout, stderr } = await run([
    "token",
    "debug",
    token,
    "--cluster-name=demo",
    "--at=2026-11-22T15:59:36Z",
  ]);
  expect([code, stderr, connections]).toEqual([5, "", 0]);
  expect(stdout).toMatch(/✗ token .*check (host|url)/);
  for (const secret of [token.slice(11), sessionToken, encodeURIComponent(sessionToken), signature])
    expect(stdout).not.toContain(secret.slice(0, 8));
});
