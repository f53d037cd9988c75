/** The sessions of one run of serve. */
import type { Hop } from "../../../foundation/errors.ts";
import { Secrets } from "../../../foundation/secrets.ts";
import type { CertificateSource, SignerSource } from "../../../identity/signer.ts";
import type { Obtained } from "../../../serve/keeper.ts";
import type { ServePorts } from "../../../serve/serve.ts";
import { getSession } from "../../../sign-in/get-session.ts";
import { readIdentityFiles } from "../../../sign-in/identity-files.ts";
import type { SessionInput } from "../../../sign-in/input.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { signInWith } from "../get-token/run.ts";

/** Each session has ports of its own, because a process that runs for months must not collect the secrets of all its sessions. */
export class Renewals {
  readonly #session: SessionInput;
  readonly #root: Ports;
  readonly #onStep: (hop: Hop, line: string) => void;
  /** Secrets of the whole run. */
  readonly #lasting: string[] = [];
  /** Of each file, when it was last read. */
  readonly #states = new Map<string, string>();
  #ports: Ports;

  constructor(session: SessionInput, root: Ports, onStep: (hop: Hop, line: string) => void) {
    this.#session = session;
    this.#root = root;
    this.#onStep = onStep;
    this.#ports = root;
  }

  /** Of the latest session: its streams remove its secrets. */
  get streams(): Ports["streams"] {
    return this.#ports.streams;
  }

  conceal(secret: string): void {
    this.#lasting.push(secret);
    this.#ports.secrets.add(secret);
  }

  async getSession(isUseful: Parameters<ServePorts["getSession"]>[0]): Promise<Obtained> {
    const secrets = new Secrets();
    secrets.add(...this.#lasting);
    this.#ports = this.#root.within(this.#root.env, secrets);
    const { http, ...signIn } = signInWith(this.#ports, this.#session.cache, this.#onStep);
    let isNew = false;
    const noted = {
      ...signIn,
      identities: this.#identities,
      http: (hop?: Parameters<typeof http>[0]) => {
        isNew = true;
        return http(hop);
      },
    };
    const record = await getSession(this.#session, noted, isUseful);
    return { record, isNew, files: this.#filesSeen() };
  }

  async filesState(): Promise<string> {
    await readIdentityFiles(this.#session.files, { identities: this.#identities });
    return this.#filesSeen();
  }

  #filesSeen(): string {
    return JSON.stringify([...this.#states]);
  }

  readonly #identities: Ports["identities"] = (access) => {
    const sources = this.#ports.identities(access);
    return {
      tokens: () => sources.tokens(),
      certificates: (given) => this.#noting(sources.certificates(given), given.source),
      signer: (given) => this.#noting(sources.signer(given), `key of ${given.source}`),
    };
  };

  #noting<Source extends CertificateSource | SignerSource>(source: Source, name: string): Source {
    const state = async (): Promise<string> => {
      const found = await source.state();
      this.#states.set(name, found);
      return found;
    };
    return { ...source, state };
  }
}
