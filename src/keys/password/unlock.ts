/** Opens what a password or a PIN locks, with the first source that has one. A card locks after three wrong PINs. */
import { EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { Secrets } from "../../foundation/secrets.ts";
import type { KeyWarning } from "../../identity/signer.ts";

const failure = errorsOf("identity", "private-key");

export interface Lock {
  kind: "password" | "PIN";
  /** `alice.p12`, `token alice`. */
  description: string;
  /** What names the lock for the note of a refused PIN: a token's manufacturer, model and serial number. */
  id: string;
  /** Of a PIN that is close to its last try, for whoever is asked. */
  warning?: KeyWarning | undefined;
}

export interface PasswordSource {
  /** `--password-file`, `EKS_X509_PASSWORD`, `the prompt`. */
  name: string;
  /** Changes when the source gives another password, as far as that can be known without a function of it. */
  state: () => Promise<string>;
  /** A person answers now, and knows about earlier tries. */
  isPerson?: true;
  /** A guess that costs nothing when it is wrong. */
  isGuess?: true;
  /** Undefined if it has none for this lock. @throws EksX509Error */
  ask(lock: Lock): Promise<string | undefined>;
}

/** The notes of PINs that are tried or were refused. They outlive this process, whatever the cache mode. */
export interface RefusedPins {
  /** Notes the try before it is made, so that no other process makes it too. @returns false if it was refused before */
  begin(lock: string, source: string): Promise<boolean>;
  refused(lock: string, source: string): void;
  /** Removes the note of this source, or, for a person's right PIN, of all. */
  accepted(lock: string, source?: string): void;
}

/** @returns the result of the first attempt that is not undefined, which stands for a wrong password */
export type Unlock = <Opened>(
  lock: Lock,
  attempt: (password: string) => Promise<Opened | undefined>,
) => Promise<Opened>;

export interface UnlockPorts {
  sources: readonly PasswordSource[];
  refused: RefusedPins;
  secrets: Secrets;
  /** Is told of each password that opened something. */
  opens?: ((lock: Lock, password: string) => Promise<void>) | undefined;
}

/** A password that opened something opens it again without a question: certificate and key of one file. */
export function unlockWith({ sources, refused, secrets, opens }: UnlockPorts): Unlock {
  const known = new Map<string, string>();
  return async (lock, attempt) => {
    const before = known.get(lock.id);
    const again = before === undefined ? undefined : await attempt(before);
    if (again !== undefined) return again;
    for (const source of sources) {
      const password = await source.ask(lock);
      if (password === undefined) continue;
      secrets.add(password);
      const opened = await tryOnce(lock, source, refused, () => attempt(password));
      if (opened === undefined) continue;
      known.set(lock.id, password);
      await opens?.(lock, password);
      return opened;
    }
    throw needed(lock);
  };
}

async function tryOnce<Opened>(
  lock: Lock,
  source: PasswordSource,
  refused: RefusedPins,
  attempt: () => Promise<Opened | undefined>,
): Promise<Opened | undefined> {
  const isNoted = lock.kind === "PIN" && !source.isPerson;
  const note = isNoted ? `${source.name}:${await source.state()}` : "";
  if (isNoted && !(await refused.begin(lock.id, note))) throw refusedBefore(lock, source);
  const opened = await attempt().catch((error: unknown) => {
    // Not the PIN's fault, so it may be tried again.
    if (isNoted && !isAboutThePin(error)) refused.accepted(lock.id, note);
    throw error;
  });
  if (opened === undefined) {
    if (isNoted) refused.refused(lock.id, note);
    if (source.isGuess) return undefined;
    throw wrong(lock, source);
  }
  if (isNoted) refused.accepted(lock.id, note);
  if (source.isPerson && lock.kind === "PIN") refused.accepted(lock.id);
  return opened;
}

function isAboutThePin(error: unknown): boolean {
  return error instanceof EksX509Error && ["PIN_LOCKED", "PIN_UNANSWERED"].includes(error.code);
}

function needed({ kind, description }: Lock): EksX509Error {
  return failure(
    kind === "PIN" ? "PIN_NEEDED" : "PASSWORD_NEEDED",
    `${description} needs a ${kind}, and nothing gives one`,
    `Use --password-file, a systemd credential, "eks-x509 key remember", EKS_X509_PASSWORD or --askpass, or run it where it can ask at a terminal (interactiveMode: IfAvailable in the kubeconfig).`,
  );
}

function wrong({ kind, description, warning }: Lock, { name }: PasswordSource): EksX509Error {
  if (kind === "password")
    return failure(
      "PASSWORD_WRONG",
      `${description}: the password from ${name} is wrong`,
      "Correct it there.",
    );
  return failure(
    warning?.code === "PIN_FINAL_TRY" ? "PIN_FINAL_TRY" : "PIN_WRONG",
    `${description}: the PIN from ${name} is wrong${warning ? `; ${warning.message}` : ""}`,
    "Correct it there. It is not tried again, because a card locks after three wrong PINs.",
  );
}

function refusedBefore({ description }: Lock, { name }: PasswordSource): EksX509Error {
  return failure(
    "PIN_REFUSED_BEFORE",
    `${description} refused the PIN from ${name} before, so it is not tried again`,
    `A card locks after three wrong PINs. Correct the PIN in ${name}, or enter the right one at a terminal: eks-x509 key list --login`,
  );
}
