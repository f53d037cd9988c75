/** Opens what is not a plain file: locked files, tokens and agents. Loaded when one of them is opened. */
import { errorsOf, type EksX509Error } from "../foundation/errors.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import type {
  Environment,
  FileContent,
  FileState,
  GivenFile,
  NamedBytes,
  ReadFile,
  Sha256,
} from "../foundation/ports.ts";
import type { Secrets } from "../foundation/secrets.ts";
import type { KeyAccess, Signer, TokenContents, Tokens } from "../identity/signer.ts";
import type { LockedFiles } from "./locked-file.ts";
import type { RefusedPins, Unlock } from "./password/unlock.ts";
import type { Module } from "./pkcs11/module.ts";
import type { Pkcs11Uri } from "./pkcs11/uri.ts";

const failure = errorsOf("identity", "private-key");

export interface OpeningPorts {
  env: Environment;
  readFile: ReadFile;
  fileState: FileState;
  sha256: Sha256;
  secrets: Secrets;
  refused: RefusedPins;
  /** The password of that lock in the OS keychain. */
  remembered: (id: string) => Promise<string | undefined>;
  /** Prints a line for a person who has to act now, such as at a reader with keys. */
  notice: (line: string) => void;
  /** The program and its arguments that a PKCS#11 module runs in. */
  moduleProgram: readonly [string, ...string[]];
}

/** client-go's ExecCredential: `spec.interactive` is false where stdin belongs to kubectl, or interactiveMode is Never. */
function mayAsk({ KUBERNETES_EXEC_INFO: info = "" }: Environment): boolean {
  const credential = parseJson(info);
  const spec = isObject(credential) ? credential["spec"] : undefined;
  return !isObject(spec) || spec["interactive"] !== false;
}

const agent = /^ssh-agent:/i;

function isAgent(path: string): boolean {
  return agent.test(path);
}

/** Shares, within one run, the passwords that were given and the process of the module. */
export class Opening implements Tokens {
  readonly #access: KeyAccess;
  readonly #ports: OpeningPorts;
  readonly #unlocks = new Map<string, Promise<Unlock>>();
  #lockedFiles: LockedFiles | undefined;
  readonly #modules = new Map<string, Promise<Module>>();

  constructor(access: KeyAccess, ports: OpeningPorts) {
    this.#access = access;
    this.#ports = ports;
  }

  async lockedCertificates(file: FileContent): Promise<NamedBytes> {
    return (await this.#locked()).certificates(file);
  }

  async unlockedKey(file: FileContent, publicKeys: readonly Uint8Array[]): Promise<FileContent> {
    return (await this.#locked()).key(file, publicKeys);
  }

  async #locked(): Promise<LockedFiles> {
    const { LockedFiles } = await import("./locked-file.ts");
    return (this.#lockedFiles ??= new LockedFiles(this.#unlock(undefined)));
  }

  async certificates({ path, source }: GivenFile): Promise<NamedBytes> {
    if (isAgent(path))
      throw failure(
        "AGENT_HAS_NO_CERTIFICATE",
        `${source} is ${path}, but an agent holds keys without their X.509 certificates`,
        "Use the file of the certificate as --certificate, and ssh-agent: as --private-key.",
      );
    const uri = await this.#uri(path, source);
    const { tokenCertificates } = await import("./pkcs11/certificates.ts");
    return tokenCertificates({ uri, module: await this.#module(uri) });
  }

  signer(given: GivenFile, publicKeys: readonly Uint8Array[]): Promise<Signer> {
    return isAgent(given.path)
      ? this.#agentSigner(given.path, publicKeys)
      : this.#tokenSigner(given, publicKeys);
  }

  async #tokenSigner({ path, source }: GivenFile, publicKeys: readonly Uint8Array[]): Promise<Signer> {
    const uri = await this.#uri(path, source);
    const { tokenSigner } = await import("./pkcs11/signer.ts");
    const [module, unlock] = [await this.#module(uri), this.#unlock(uri)];
    return tokenSigner(publicKeys, { uri, module, unlock, notice: this.#ports.notice });
  }

  async #agentSigner(path: string, publicKeys: readonly Uint8Array[]): Promise<Signer> {
    const socket = path.replace(agent, "") || this.#ports.env["SSH_AUTH_SOCK"];
    if (!socket)
      throw failure(
        "AGENT_MISSING",
        "no ssh-agent is known: SSH_AUTH_SOCK is not set",
        'Start one, and add the key: eval "$(ssh-agent)"; ssh-add FILE. Or name its socket: ssh-agent:/path/to/socket',
      );
    const { agentSigner } = await import("./ssh-agent.ts");
    return agentSigner(socket, publicKeys);
  }

  async contents(isLogin: boolean): Promise<(TokenContents | EksX509Error)[]> {
    const [{ tokenContents }, { anyUri }] = await Promise.all([
      import("./pkcs11/certificates.ts"),
      import("./pkcs11/uri.ts"),
    ]);
    const unlock = (isForSeveral: boolean): Unlock => this.#unlock(anyUri, isForSeveral);
    return tokenContents(await this.#module(anyUri), isLogin ? unlock : undefined);
  }

  async #uri(path: string, source: string): Promise<Pkcs11Uri> {
    const { parsePkcs11Uri, UriProblem } = await import("./pkcs11/uri.ts");
    const uri = parsePkcs11Uri(path);
    if (!(uri instanceof UriProblem)) {
      if (uri.pinValue !== undefined) this.#ports.secrets.add(uri.pinValue);
      return uri;
    }
    throw failure(
      "PKCS11_URI_INVALID",
      `the PKCS#11 URI in ${source} ${uri.message}`,
      "RFC 7512 has its attributes. eks-x509 key list prints a URI for each certificate.",
    );
  }

  #unlock(uri: Pkcs11Uri | undefined, isForSeveral = false): Unlock {
    return async (lock, attempt) => {
      const key = isForSeveral ? "several" : (uri?.pinValue ?? uri?.pinSource ?? "");
      const unlock = this.#unlocks.get(key) ?? this.#newUnlock(uri, isForSeveral);
      this.#unlocks.set(key, unlock);
      return (await unlock)(lock, attempt);
    };
  }

  async #newUnlock(uri: Pkcs11Uri | undefined, isForSeveral: boolean): Promise<Unlock> {
    const { secrets, refused, env } = this.#ports;
    const [{ unlockWith }, { asked, passwordSources }, { terminalPrompt }] = await Promise.all([
      import("./password/unlock.ts"),
      import("./password/sources.ts"),
      import("./password/prompt.ts"),
    ]);
    const { passwordFile, askpass, asking } = this.#access;
    if (asking)
      return unlockWith({
        sources: [asked(terminalPrompt() ?? asking.fromStdin)],
        refused,
        secrets,
        opens: ({ id }, text) => asking.opens(id, text),
      });
    const pinFile =
      uri?.pinSource === undefined
        ? undefined
        : { path: uri.pinSource, source: "pin-source of the PKCS#11 URI" };
    const sources = passwordSources(
      { pinValue: uri?.pinValue, passwordFile: pinFile ?? passwordFile, askpass, isForSeveral },
      {
        ...this.#ports,
        childEnv: withoutNames(env, /^EKS_X509_/i),
        prompt: mayAsk(env) ? terminalPrompt() : undefined,
      },
    );
    return unlockWith({ sources, refused, secrets, isKeptFromTerminal: !mayAsk(env) });
  }

  async #module(uri: Pkcs11Uri): Promise<Module> {
    const [{ openModule }, { modulePath }] = await Promise.all([
      import("./pkcs11/module.ts"),
      import("./pkcs11/module-path.ts"),
    ]);
    const path = modulePath(uri, this.#access.pkcs11Module);
    const { env, moduleProgram } = this.#ports;
    const module =
      this.#modules.get(path) ??
      Promise.resolve(
        openModule(path, { program: moduleProgram, env: withoutNames(env, /^(EKS_X509|NODE)_/i) }),
      );
    this.#modules.set(path, module);
    return module;
  }
}

/**
 * A module and an askpass program need no password of this program, and others of the same user can read their environment. A URI in an
 * EKS_X509_ variable can have a PIN. Node's own variables are not meant for a module either.
 */
function withoutNames(env: Environment, names: RegExp): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.test(name)));
}
