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
  /**
   * Names the source in the note of a refused PIN, whatever option names it. Changes when the source gives another password, as far as
   * that can be known without a function of it.
   */
  state: () => Promise<string>;
  /** A change of the password changes the state. */
  hasChanges?: true;
  /** It is started to ask. */
  isProgram?: true;
  /** A person answers now, and knows about earlier tries. */
  isPerson?: true;
  /** A guess that costs nothing when it is wrong. */
  isGuess?: true;
  /** Undefined if it has none for this lock. @throws EksX509Error */
  ask(lock: Lock): Promise<string | undefined>;
}

/** The codes of the token's warnings. */
export type Warned = KeyWarning["code"] | undefined;

/**
 * `refused`: the token refused this PIN. `final`: it refused another one, and has one try left. `unnoted`: it reports a wrong PIN, which
 * can be this one, because there is no folder for notes.
 */
export type Obstacle = "refused" | "final" | "unnoted";

/** The notes of PINs that are tried or were refused. They outlive this process, whatever the cache mode. */
export interface RefusedPins {
  /**
   * Notes the try before it is made, so that no other process makes it too.
   * @param warned what the token reports of wrong PINs
   * @returns undefined, or why the PIN must not be tried
   */
  begin(lock: string, source: string, warned: Warned): Promise<Obstacle | undefined>;
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
  /** Receives each password that opened something. */
  opens?: ((lock: Lock, password: string) => Promise<void>) | undefined;
  /** Whether kubectl started the program and keeps the terminal, for the hint. */
  isKeptFromTerminal?: boolean | undefined;
}

/** A password that opened something opens it again without a question: certificate and key of one file. */
export function unlockWith({ secrets, opens, ...sources }: UnlockPorts): Unlock {
  const known = new Map<string, string>();
  return async (lock, attempt) => {
    const before = known.get(lock.id);
    const again = before === undefined ? undefined : await attempt(before);
    if (again !== undefined) return again;
    const { opened, password } = await firstOutcome(lock, sources, (text) => {
      secrets.add(text);
      return attempt(text);
    });
    known.set(lock.id, password);
    await opens?.(lock, password);
    return opened;
  };
}

async function firstOutcome<Opened>(
  lock: Lock,
  { sources, refused, isKeptFromTerminal = false }: Omit<UnlockPorts, "secrets" | "opens">,
  attempt: (password: string) => Promise<Opened | undefined>,
): Promise<{ opened: Opened; password: string }> {
  let untried: Untried | undefined;
  for (const source of sources) {
    // A person knows the right PIN. Another stored one costs another try.
    if (untried && !source.isPerson) continue;
    const outcome = await outcomeOf(lock, source, refused, attempt);
    if (outcome instanceof Untried) untried = outcome;
    else if (outcome === "wrong" && !source.isGuess) throw wrong(lock, source);
    else if (typeof outcome === "object") return outcome;
  }
  throw untried?.error ?? needed(lock, isKeptFromTerminal);
}

/** A PIN that the source has, and that must not be tried. */
class Untried {
  readonly error: EksX509Error;
  constructor(error: EksX509Error) {
    this.error = error;
  }
}

type Outcome<Opened> = { opened: Opened; password: string } | "none" | "wrong";

async function outcomeOf<Opened>(
  lock: Lock,
  source: PasswordSource,
  refused: RefusedPins,
  attempt: (password: string) => Promise<Opened | undefined>,
): Promise<Outcome<Opened> | Untried> {
  // A program is not started to ask for a PIN that must not be tried.
  const known = source.isProgram ? undefined : await passwordOf(lock, source);
  if (known === undefined && !source.isProgram) return "none";
  const make = async (): Promise<Outcome<Opened>> => {
    const password = known ?? (await passwordOf(lock, source));
    if (password === undefined) return "none";
    const opened = await attempt(password);
    return opened === undefined ? "wrong" : { opened, password };
  };
  if (lock.kind === "password") return make();
  if (!source.isPerson) return noted(lock, source, refused, make);
  const outcome = await make();
  if (typeof outcome === "object") refused.accepted(lock.id);
  return outcome;
}

/** Makes the try of a PIN with a note of it, which stays if the token refuses the PIN. */
async function noted<Opened>(
  lock: Lock,
  source: PasswordSource,
  refused: RefusedPins,
  make: () => Promise<Outcome<Opened>>,
): Promise<Outcome<Opened> | Untried> {
  const note = await source.state();
  const obstacle = await refused.begin(lock.id, note, lock.warning?.code);
  if (obstacle !== undefined) return new Untried(notTried[obstacle](lock, source));
  let isRefused = true;
  try {
    const outcome = await make();
    isRefused = outcome === "wrong";
    return outcome;
  } catch (error) {
    isRefused = isAboutThePin(error);
    throw error;
  } finally {
    if (isRefused) refused.refused(lock.id, note);
    else refused.accepted(lock.id, note);
  }
}

/** No token has an empty PIN, and a try of it counts. */
async function passwordOf(lock: Lock, source: PasswordSource): Promise<string | undefined> {
  const password = await source.ask(lock);
  return lock.kind === "PIN" && password === "" ? undefined : password;
}

function isAboutThePin(error: unknown): boolean {
  return error instanceof EksX509Error && ["PIN_LOCKED", "PIN_UNANSWERED"].includes(error.code);
}

function needed({ kind, description }: Lock, isKeptFromTerminal: boolean): EksX509Error {
  const atTerminal = isKeptFromTerminal
    ? "set interactiveMode: IfAvailable in the kubeconfig and run kubectl at a terminal"
    : "run the command at a terminal";
  return failure(
    kind === "PIN" ? "PIN_NEEDED" : "PASSWORD_NEEDED",
    `${description} needs a ${kind}, and nothing gives one`,
    `Use --password-file, a systemd credential, "eks-x509 key remember", EKS_X509_PASSWORD or --askpass, or ${atTerminal}.`,
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

const atTerminal = "enter the right one at a terminal: eks-x509 key list --login";

const notTried: Readonly<Record<Obstacle, (lock: Lock, source: PasswordSource) => EksX509Error>> = {
  refused: ({ description }, { name, hasChanges }) =>
    failure(
      "PIN_REFUSED_BEFORE",
      `${description} refused the PIN from ${name} before, so it is not tried again`,
      hasChanges
        ? `A card locks after three wrong PINs. Correct the PIN in ${name}, or ${atTerminal}`
        : `A card locks after three wrong PINs. Correct the PIN in ${name}; then ${atTerminal}, or give it to eks-x509 key remember on stdin. A change there is not noticed, because nothing of the PIN is kept.`,
    ),
  final: ({ description, warning }, { name }) =>
    failure(
      "PIN_FINAL_TRY",
      `${description} refused a PIN before, and ${warning?.message ?? "has one try left"}, so the PIN from ${name} is not tried`,
      `Make sure of the PIN, and ${atTerminal}`,
    ),
  unnoted: ({ description }, { name }) =>
    failure(
      "PIN_NOT_NOTED",
      `${description} reports a wrong PIN, which can be the one from ${name}: there is no folder for notes of refused PINs, so it is not tried`,
      `Set HOME to a folder that can be written, or ${atTerminal}`,
    ),
};
