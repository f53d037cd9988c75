import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bench,
  environment,
  gnomeKeyring,
  named,
  noKeytar,
  noSecretService,
  runWorker,
  type Bench,
} from "../programs.ts";
import type { Outcome, Report, Step, Task } from "../worker.ts";

const account = `token/${"a".repeat(64)}`;
const other = `session/${"b".repeat(64)}`;
const long = JSON.stringify({ token: "k8s-aws-v1.".padEnd(6000, "x"), text: "grüße 🔑" });
const get: Step = { do: "get", account };
const set: Step = { do: "set", account, password: long };

let here: Bench;
beforeAll(async () => {
  here = await bench();
});
afterAll(() => {
  here.remove();
});

function backendsWith(...modes: ("keychain" | "keytar")[]): ("keychain" | "keytar")[] {
  return modes;
}

async function under(within: readonly string[], task: Task, env = environment(here.folder)): Promise<Report> {
  return runWorker(task, { folder: here.folder, env, within });
}

function reasons({ outcomes }: Report): (string | undefined)[] {
  return outcomes.map((outcome: Outcome) => outcome.reason);
}

function results({ outcomes }: Report): unknown[] {
  return outcomes.map((outcome: Outcome) => outcome.reason ?? outcome.result);
}

const absent = noSecretService();
const noKeytarHere = noKeytar();
/** keytar's own failures to load are tested elsewhere. */
const backends = noKeytarHere === undefined ? backendsWith("keychain", "keytar") : backendsWith("keychain");

it.skipIf(noKeytarHere)(named("keytar can be loaded here", noKeytarHere), () => {
  expect(backends).toContain("keytar");
});

describe.skipIf(absent)(named("Secret Service", absent), () => {
  const roundTrip: Step[] = [
    get,
    set,
    get,
    { do: "set", account, password: "second" },
    { do: "set", account: other, password: "third" },
    get,
    { do: "find" },
    { do: "delete", account },
    { do: "delete", account },
    get,
    { do: "find" },
  ];
  const found = [
    { account, password: "second" },
    { account: other, password: "third" },
  ];

  it.each(backends)("keeps, replaces, finds and deletes, with %s", async (mode) => {
    const report = await under(gnomeKeyring("open"), { mode, steps: roundTrip });
    const [first, ...rest] = results(report);
    expect(first).toBe(null);
    const [stored, read, again, added, second, list, ...last] = rest;
    expect([stored, read, again, added, second]).toEqual([true, long, true, true, "second"]);
    expect(list).toHaveLength(2);
    expect(list).toEqual(expect.arrayContaining(found));
    expect(last).toEqual([true, false, null, [{ account: other, password: "third" }]]);
  });

  it("keeps in a keyring without a password what another run finds", async () => {
    const env = environment(here.folder);
    await under(gnomeKeyring("open"), { mode: "keychain", steps: [set] }, env);
    expect(results(await under(gnomeKeyring("open"), { mode: "keychain", steps: [get] }, env))).toEqual([
      long,
    ]);
  });

  it.skipIf(noKeytarHere)("and keytar find each other's entries", async () => {
    const env = environment(here.folder);
    await under(gnomeKeyring("open"), { mode: "keychain", steps: [set] }, env);
    const byKeytar: Step[] = [get, { do: "set", account, password: "keytar's" }];
    expect(results(await under(gnomeKeyring("open"), { mode: "keytar", steps: byKeytar }, env))).toEqual([
      long,
      true,
    ]);
    const after = await under(gnomeKeyring("open"), { mode: "keychain", steps: [get, { do: "find" }] }, env);
    expect(results(after)).toEqual(["keytar's", [{ account, password: "keytar's" }]]);
  });

  it.each(backends)("that is locked fails as locked, asking nobody, with %s", async (mode) => {
    const env = environment(here.folder);
    await under(gnomeKeyring("open"), { mode: "keychain", steps: [set] }, env);
    const report = await under(gnomeKeyring("locked"), { mode, steps: [get] }, env);
    expect(reasons(report)).toEqual(["locked"]);
    const writing = await under(gnomeKeyring("locked"), { mode, steps: [set] }, env);
    expect(reasons(writing)).toEqual(["locked"]);
    const finding = await under(gnomeKeyring("locked"), { mode, steps: [{ do: "find" }] }, env);
    expect(reasons(finding)).toEqual(["locked"]);
  });

  it.each(backends)("that has stopped costs its limit once, with %s", async (mode) => {
    const stop: Step = { do: "sh", command: "kill -STOP $DAEMON" };
    const report = await under(gnomeKeyring("open"), {
      mode,
      steps: [set, stop, { do: "open", perCall: 700 }, get, get, set],
    });
    expect(reasons(report)).toEqual([undefined, undefined, "timed-out", "timed-out", "timed-out"]);
    expect(report.logged).toHaveLength(1);
  });

  it.each(backends)("that dies between two calls fails or is begun anew, with %s", async (mode) => {
    const kill: Step = { do: "sh", command: "kill -9 $DAEMON; sleep 0.2" };
    const report = await under(gnomeKeyring("open"), { mode, steps: [set, kill, get], perCall: 5_000 });
    // D-Bus may start another daemon, which is then locked.
    expect(["absent", "locked", "broken", "timed-out"]).toContain(report.outcomes[2]?.reason);
  });

  it("that dies during a call fails as broken", async () => {
    const stop: Step = { do: "sh", command: "kill -STOP $DAEMON" };
    const kill: Step = { do: "later", command: "kill -9 $DAEMON" };
    const report = await under(gnomeKeyring("open"), {
      mode: "keychain",
      steps: [set, stop, kill, get],
      perCall: 15_000,
    });
    expect(report.outcomes[3]).toEqual({
      reason: "broken",
      message: "Secret Service: org.freedesktop.DBus.Error.NoReply",
    });
  });
});

const notLinux = process.platform === "linux" ? undefined : "not Linux";

describe.skipIf(notLinux)(named("a session bus", notLinux), () => {
  it.each(backends)("that is not there fails as absent, with %s", async (mode) => {
    const report = await under([], { mode, steps: [get, set] });
    expect(reasons(report)).toEqual(["absent", "absent"]);
    expect(report.logged).toHaveLength(1);
  });

  it.each(backends)("that never answers costs its limit once, with %s", async (mode) => {
    const report = await atSocket("mute", () => undefined, { mode, steps: [get, get], perCall: 500 });
    expect(reasons(report)).toEqual(["timed-out", "timed-out"]);
    expect(report.logged).toHaveLength(1);
  });

  it("that hangs up fails as broken", async () => {
    const report = await atSocket("short", () => "", { mode: "keychain", steps: [get] });
    expect(reasons(report)).toEqual(["broken"]);
  });

  it("that rejects us fails as refused", async () => {
    const report = await atSocket("strict", () => "REJECTED EXTERNAL\r\n", {
      mode: "keychain",
      steps: [get],
    });
    expect(reasons(report)).toEqual(["refused"]);
  });

  it.each(["nonsense".repeat(8), "\0".repeat(64), `l\x02\0\x01${"\xff".repeat(60)}`])(
    "that talks nonsense fails as broken",
    async (nonsense) => {
      const said = ["OK 0123\r\n", nonsense];
      const report = await atSocket("mad", () => said.shift(), {
        mode: "keychain",
        steps: [get],
        perCall: 1000,
      });
      expect(["broken", "timed-out"]).toContain(report.outcomes[0]?.reason);
    },
  );
});

/** @param answer to each piece of what is sent; undefined for none, "" to hang up */
async function atSocket(name: string, answer: () => string | undefined, task: Task): Promise<Report> {
  const env = environment(here.folder);
  const path = join(env["XDG_RUNTIME_DIR"] ?? "", name);
  const server = await listen(path, answer);
  try {
    return await under([], task, { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` });
  } finally {
    server.close();
  }
}

async function listen(path: string, answer: () => string | undefined): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => {
      const text = answer();
      if (text === "") socket.destroy();
      else if (text !== undefined) socket.write(Buffer.from(text, "latin1"));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}
