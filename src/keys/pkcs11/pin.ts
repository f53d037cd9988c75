/** What a token says about its PIN. A card locks after three wrong ones. */
import { type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { Lock } from "../password/unlock.ts";
import type { Fault, FoundToken } from "./protocol.ts";

const failure = errorsOf("identity", "private-key");

const CKR_PIN_INCORRECT = 0xa0;
const CKR_PIN_INVALID = 0xa1;
const CKR_PIN_LEN_RANGE = 0xa2;
const CKR_PIN_LOCKED = 0xa4;

const tryWords = {
  low: "a wrong PIN was entered since the last right one",
  final: "the next wrong PIN locks the token",
  locked: "the PIN is locked",
} as const;

export function described({ place }: FoundToken): string {
  return `token ${place.token ?? ""}`;
}

export function warningOf({ tries }: FoundToken): string | undefined {
  return tries === "normal" ? undefined : tryWords[tries];
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
  if (result === CKR_PIN_LOCKED || tries === "locked") throw locked(token);
  return [CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE].includes(result);
}

export function locked(token: FoundToken): EksX509Error {
  return failure(
    "PIN_LOCKED",
    `${described(token)}: the PIN is locked after too many wrong ones`,
    "Unlock it with the PUK (pkcs15-tool, ykman piv access unblock-pin), or ask who issued the token.",
  );
}
