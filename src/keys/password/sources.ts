/** Where passwords and PINs come from, in the order in which they are asked. Never argv, and never the environment of a child. */
import { spawn } from "node:child_process";
import { EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { Environment, FileRole, FileState, ReadFile } from "../../foundation/ports.ts";
import { bitsOfOthers } from "../../identity/private-key.ts";
import type { Lock, PasswordSource } from "./unlock.ts";

const failure = errorsOf("identity", "private-key");

export interface SourcePorts {
  env: Environment;
  /** The environment of programs that are started, which has no password. */
  childEnv: Environment;
  readFile: ReadFile;
  fileState: FileState;
  /** The entry that `eks-x509 key remember` wrote. */
  remembered: (id: string) => Promise<string | undefined>;
  /** Asks a person at the terminal. Undefined where there is none, or where the client forbids it. */
  prompt: ((question: string) => Promise<string | undefined>) | undefined;
}

export interface SourceOptions {
  /** Several tokens are opened: a password that does not name its lock must not reach all of them. */
  isForSeveral?: boolean | undefined;
  /** `pin-value` of a `pkcs11:` URI. */
  pinValue?: string | undefined;
  /** `--password-file`, or `pin-source` of the URI, and what named it. */
  passwordFile?: { path: string; source: string } | undefined;
  /** `--askpass` or EKS_X509_ASKPASS. */
  askpass?: string | undefined;
}

/** systemd.exec(5), "CREDENTIALS". */
const credentialName = "eks-x509-password";
/** Longer than a password has a right to be. */
const longestPassword = 4_096;
/** Milliseconds. A person types. */
const patience = 120_000;
/** Milliseconds for the last output of a program that has ended. */
const patienceAfterEnd = 100;

export function passwordSources(options: SourceOptions, ports: SourcePorts): PasswordSource[] {
  const { remembered, prompt } = ports;
  const keychain = "the OS keychain";
  return [
    ...(options.isForSeveral ? [] : stored(options, ports)),
    { name: keychain, state: unchanging(keychain), ask: ({ id }) => remembered(id) },
    ...(options.isForSeveral ? [] : inVariable(ports)),
    noPassword,
    ...askpassPrograms(options, ports),
    ...(prompt ? [asked(prompt)] : []),
  ];
}

function stored({ pinValue, passwordFile }: SourceOptions, ports: SourcePorts): PasswordSource[] {
  const credentials = ports.env["CREDENTIALS_DIRECTORY"];
  const credential = credentials && `${credentials}/${credentialName}`;
  return [
    ...(pinValue === undefined ? [] : [fixed("pin-value of the PKCS#11 URI", pinValue)]),
    ...(passwordFile
      ? [file(passwordFile.source, passwordFile.path, ports, bitsOfOthers(passwordFile.path))]
      : []),
    ...(credential ? [optionalFile(`the systemd credential ${credentialName}`, credential, ports)] : []),
  ];
}

function inVariable({ env }: SourcePorts): PasswordSource[] {
  const value = env["EKS_X509_PASSWORD"];
  return value ? [fixed("EKS_X509_PASSWORD", value)] : [];
}

function askpassPrograms({ askpass }: SourceOptions, ports: SourcePorts): PasswordSource[] {
  const { env, prompt } = ports;
  const program = askpass || env["EKS_X509_ASKPASS"];
  if (program) return [askpassProgram(program, ports)];
  const ofSsh = env["SSH_ASKPASS"];
  return ofSsh ? [ofDesktop(askpassProgram(ofSsh, ports), prompt !== undefined)] : [];
}

function unchanging(name: string): () => Promise<string> {
  return () => Promise.resolve(name);
}

/** PKCS#12 files often have the empty password. */
const noPassword: PasswordSource = {
  name: "an empty password",
  state: unchanging("an empty password"),
  isGuess: true,
  ask: ({ kind }) => Promise.resolve(kind === "password" ? "" : undefined),
};

/** No function of the value may be kept, so its state says nothing. */
function fixed(name: string, value: string): PasswordSource {
  return { name, state: unchanging(name), ask: () => Promise.resolve(value) };
}

/** @param forbidden bits of the mode */
function file(
  name: string,
  path: string,
  { readFile, fileState }: SourcePorts,
  forbidden: number,
): PasswordSource {
  const role: FileRole = { given: name, hop: "private-key", category: "identity", limit: longestPassword };
  return {
    name: `${name} (${path})`,
    hasChanges: true,
    // A pipe is another one in each run.
    state: async () => `file ${(await fileState(path, role)) ?? "pipe"}`,
    ask: async () => {
      const { bytes, mode, exposure } = await readFile(path, role);
      if ((mode & forbidden) !== 0 || exposure !== undefined)
        throw failure(
          "PASSWORD_FILE_OPEN",
          `the password file ${path} (${name}) ${exposure ?? `can be read by others (mode ${mode.toString(8)})`}`,
          `Only its owner may read it: chmod 600 ${path}`,
        );
      return firstLine(textOf(bytes));
    },
  };
}

/**
 * systemd makes the folder, and this one credential may be absent from it. An ACL gives the file to the service's user, and the group's
 * bits of the mode are then the mask of the ACL, acl(5).
 */
function optionalFile(name: string, path: string, ports: SourcePorts): PasswordSource {
  const whole = file(name, path, ports, 0o027);
  return {
    ...whole,
    ask: (lock) => whole.ask(lock).catch(absentFile),
  };
}

function absentFile(error: unknown): undefined {
  if (!(error instanceof EksX509Error) || error.code !== "FILE_MISSING") throw error;
}

/**
 * ssh(1), "SSH_ASKPASS": the question is its argument, and the answer the first line of its output. Not known to be a person: it can
 * print a password that is stored.
 */
function askpassProgram(program: string, { childEnv, fileState }: SourcePorts): PasswordSource {
  const name = `the askpass program ${program}`;
  const role: FileRole = { given: name, hop: "private-key", category: "identity" };
  return {
    name,
    isProgram: true,
    ...(program.includes("/") && { hasChanges: true }),
    // A name is looked up on PATH.
    state: async () => (program.includes("/") && (await fileState(program, role))) || name,
    ask: (lock) => run(program, question(lock), childEnv),
  };
}

/** Desktops set SSH_ASKPASS for every program, also where no window can be opened. */
function ofDesktop(source: PasswordSource, hasPrompt: boolean): PasswordSource {
  return hasPrompt ? { ...source, ask: (lock) => source.ask(lock).catch(() => undefined) } : source;
}

/** A person who answers a question, or who gives the password before it. */
export function asked(prompt: (question: string) => Promise<string | undefined>): PasswordSource {
  const name = "the terminal";
  return { name, state: unchanging(name), isPerson: true, ask: (lock) => prompt(question(lock)) };
}

function question({ kind, description, warning }: Lock): string {
  return `${kind === "PIN" ? "PIN" : "Password"} for ${description}${warning ? ` (${warning.message})` : ""}: `;
}

function run(program: string, text: string, env: Environment): Promise<string> {
  // A program can ignore any other signal.
  const limits = { timeout: patience, killSignal: "SIGKILL" } as const;
  const child = spawn(program, [text], { env, stdio: ["ignore", "pipe", "ignore"], ...limits });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => {
    output += bytes.toString("latin1");
    if (output.length > longestPassword) child.kill("SIGKILL");
  });
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => {
      reject(
        failure(
          "ASKPASS_FAILED",
          `the askpass program ${program} ${why}`,
          "Run it by hand: it prints the password on stdout and ends with 0.",
        ),
      );
    };
    child.once("error", () => {
      failed("cannot be started");
    });
    // What it started can still have the pipe.
    child.once("exit", () => {
      setTimeout(() => child.stdout.destroy(), patienceAfterEnd);
    });
    child.once("close", (code, signal) => {
      if (output.length > longestPassword) failed(`prints more than ${longestPassword} bytes`);
      else if (code === 0) resolve(firstLine(Buffer.from(output, "latin1").toString()));
      else failed(signal ? "was ended, or did not answer" : `ended with exit code ${code ?? "unknown"}`);
    });
  });
}

/** Editors and shells of Windows write a byte-order mark, and PowerShell's `>` UTF-16. A card would count such a PIN as a wrong one. */
function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isUtf16 = first === 0xff && second === 0xfe;
  // Either decoder leaves out the mark.
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? "";
}
