/** What a token says about its PIN. A card locks after three wrong ones. */
import { type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { KeyWarning } from "../../identity/signer.ts";
import type { Lock } from "../password/unlock.ts";
import type { Fault, FoundToken } from "./protocol.ts";
import { results, wrongPin } from "./results.ts";

const failure = errorsOf("identity", "private-key");

const makeSure = "Make sure of the PIN before it is tried.";
const warnings: Readonly<Record<FoundToken["tries"], KeyWarning | undefined>> = {
  normal: undefined,
  low: {
    code: "PIN_COUNT_LOW",
    message: "a wrong PIN was entered since the last right one",
    hint: makeSure,
  },
  final: { code: "PIN_FINAL_TRY", message: "the next wrong PIN locks the token", hint: makeSure },
  // An error reports it.
  locked: undefined,
};

/** PKCS #11 has no count. */
export const triesLeft: Readonly<Record<FoundToken["tries"], string>> = {
  normal: "the token reports no wrong PIN",
  low: "at least two: a wrong PIN was entered since the last right one",
  final: "one: the next wrong PIN locks the token",
  locked: "none: the PIN is locked",
};

export function described({ place }: FoundToken): string {
  return `token ${place.token ?? ""}`;
}

export function warningOf({ tries }: FoundToken): KeyWarning | undefined {
  return warnings[tries];
}

export function lockOf(token: FoundToken): Lock {
  const { manufacturer, model, serial, token: label } = token.place;
  return {
    kind: "PIN",
    description: described(token),
    id: [manufacturer, model, serial, label].join("/"),
    warning: warningOf(token),
  };
}

/** Whether the fault is about the PIN. The token then keeps what was reported about further tries. @throws EksX509Error PIN_LOCKED */
export function isPinRefused({ result, tries }: Fault, token: FoundToken): boolean {
  if (tries !== undefined) token.tries = tries;
  if (result === results.CKR_PIN_LOCKED || tries === "locked") throw locked(token);
  return wrongPin.includes(result);
}

export function locked(token: FoundToken): EksX509Error {
  return failure(
    "PIN_LOCKED",
    `${described(token)}: the PIN is locked after too many wrong ones`,
    "Unlock it with the PUK (pkcs15-tool, ykman piv access unblock-pin), or ask who issued the token.",
  );
}
