/** The question for a password on a terminal: the built program in a shell, with keys pressed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { KeyFolder } from "../keys/key-folder.ts";
import { without } from "../keys/programs.ts";
import { Terminal } from "./terminal.ts";
import { commandOf, program, started } from "../program-under-test.ts";

const password = "right é🔋 word";
const missing = without("openssl", "version") ?? without("script", "--version");
const folder = new KeyFolder();
const env = { PATH: process.env["PATH"], HOME: folder.path, XDG_RUNTIME_DIR: folder.path };
const question = /Password for .*alice\.p12: /;
const listing = `${commandOf(program).join(" ")} key list alice.p12 --pkcs11-module=/none`;

let terminal: Terminal;
const opened: Terminal[] = [];

beforeAll(() => {
  folder.write("right", `${password}\n`);
  if (missing === undefined)
    folder.openssl("pkcs12 -export -inkey alice.key -in alice.pem -passout file:right -out alice.p12");
});

afterAll(() => {
  folder.remove();
});

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** A shell that prints the code of the command, and whether the terminal has an echo after it. */
function shell(command: string, more: NodeJS.ProcessEnv = {}): Terminal {
  const script = [
    "trap : INT QUIT TERM HUP",
    "stty -echo; stty echo",
    command,
    'echo "code=$?"',
    'stty -a | grep -qE "(^| )echo( |$)" && stty -a | grep -qE "(^| )icanon" && echo "terminal=whole"',
    "echo over",
  ].join("\n");
  terminal = new Terminal(`bash ${folder.write("shell.sh", script)}`, folder.path, { ...env, ...more });
  opened.push(terminal);
  return terminal;
}

const ended = /over\r\n/;

describe.skipIf(missing !== undefined)("a password on a terminal", () => {
  it("is asked for, without an echo, and the terminal is whole after it", async () => {
    const asked = await shell(listing).type("", question);
    expect(asked).not.toContain("code=");
    const rest = await terminal.type(`${password}\r`, ended);
    expect(rest).toMatch(/CN=alice/);
    expect(rest).toMatch(/code=0\r\nterminal=whole/);
    expect(rest).not.toMatch(/right|word/);
  });

  it("can be corrected: Backspace, Ctrl-U, and letters of several bytes", async () => {
    await shell(listing).type("", question);
    await terminal.type("nonsense\u0015🔋\u007f\u007frightx\u007f", /^/);
    const rest = await terminal.type(`${password.slice(5)}\r`, ended);
    expect(rest).toMatch(/code=0\r\n/);
  });

  it("that is wrong is not asked for again", async () => {
    await shell(listing).type("", question);
    const rest = await terminal.type("hunter-2xy\r", ended);
    expect(rest).toMatch(/\(PASSWORD_WRONG\)[^]*code=3\r\nterminal=whole/);
    expect(rest).not.toContain("hunter-2xy");
    expect(rest).not.toMatch(question);
  });

  it.each([
    ["Ctrl-C", "\u0003", 130],
    ["Ctrl-\\", "\u001c", 131],
  ])("%s ends the program at once", async (_name, key, code) => {
    await shell(`(ulimit -c 0; exec ${listing})`).type("", question);
    const rest = await terminal.type(`half${key}`, ended);
    expect(rest).toContain(`code=${code}`);
    expect(rest).toContain("terminal=whole");
    expect(rest).not.toContain("half");
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const)("%s from another program leaves the terminal whole", async (signal, code) => {
    const shown = await shell(`bash -c 'echo "pid=$$;"; exec ${listing}'`).type("", question);
    process.kill(Number(/pid=(\d+);/.exec(shown)?.[1]), signal);
    const rest = await terminal.type("", ended);
    expect(rest).toContain(`code=${code}`);
    expect(rest).toContain("terminal=whole");
  });

  it("SIGKILL leaves the terminal whole, too", async () => {
    const shown = await shell(
      `bash -c 'echo "pid=$$;"; exec ${listing}'\nuntil stty -a | grep -q " icanon"; do :; done`,
    ).type("", question);
    process.kill(Number(/pid=(\d+);/.exec(shown)?.[1]), "SIGKILL");
    expect(await terminal.type("", ended)).toMatch(/code=\d+\r\n[^]*terminal=whole/);
  });

  it.each([
    ["Ctrl-Z", (): string => "half\u001a"],
    [
      "SIGTSTP",
      (pid: number): string => {
        process.kill(pid, "SIGTSTP");
        return "";
      },
    ],
  ])(
    "%s stops the program, with a whole terminal, and it asks again when it continues",
    async (_name, stop) => {
      const state = 'stty -a | grep -q " -icanon" || echo "stopped=whole"';
      const shown = await shell(`set -m\nbash -c 'echo "pid=$$;"; exec ${listing}'\n${state}\nfg`).type(
        "",
        question,
      );
      const rest = await terminal.type(stop(Number(/pid=(\d+);/.exec(shown)?.[1])), question);
      expect(rest).toMatch(/stopped=whole/);
      expect(await terminal.type(`${password}\r`, ended)).toMatch(/CN=alice[^]*code=0\r\nterminal=whole/);
    },
  );

  it("leaves stdin to the client: kubectl apply -f - has its manifest there", async () => {
    await shell(`printf 'manifest\\n' | { ${listing} >/dev/null; echo "code=$?"; cat; }`).type("", question);
    expect(await terminal.type(`${password}\r`, ended)).toMatch(/code=0\r\nmanifest\r\n/);
  });

  it.each([
    ["interactive is false", { KUBERNETES_EXEC_INFO: '{"spec":{"interactive":false}}' }, listing],
    ["the program is in the background", {}, `{ ${listing} & wait $!; }`],
  ])("is not asked for where %s", async (_name, more, command) => {
    const shown = await shell(`set -m\n${command}`, more).type("", ended);
    expect(shown).toMatch(/\(PASSWORD_NEEDED\)[^]*code=3\r\n/);
    expect(shown).not.toMatch(question);
  });

  it("is asked for where only another field is called interactive", async () => {
    const info = '{"spec":{"interactive":true,"cluster":{"config":{"interactive": false}}}}';
    await shell(listing, { KUBERNETES_EXEC_INFO: info }).type("", question);
    expect(await terminal.type(`${password}\r`, ended)).toContain("code=0");
  });

  it("a failing SSH_ASKPASS of the desktop is no obstacle", async () => {
    await shell(listing, { SSH_ASKPASS: "/does/not/exist" }).type("", question);
    expect(await terminal.type(`${password}\r`, ended)).toContain("code=0");
  });
});

it.skipIf(missing !== undefined)("without a terminal, the password is needed from elsewhere", async () => {
  const args = ["key", "list", join(folder.path, "alice.p12"), "--pkcs11-module=/none"];
  // A session of its own has no terminal.
  const child = spawn(...started(program, args), {
    env,
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  expect(child.exitCode).toBe(3);
  expect(stderr).toContain("(PASSWORD_NEEDED)");
});
