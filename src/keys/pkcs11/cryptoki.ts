/**
 * A PKCS#11 module (PKCS #11 v2.40 base specification), called through koffi. Loaded in a process of its own alone: a module can hang,
 * crash, fork, and print.
 */
import process from "node:process";

/** The part of koffi that is used. https://koffi.dev */
export interface KoffiOfModules {
  load(path: string): { func(signature: string): Call };
  struct(name: string, fields: Record<string, string>): unknown;
  pack(name: string, fields: Record<string, string>): unknown;
  proto(signature: string): unknown;
  decode(pointer: unknown, offset: number, type: string): unknown;
  call(pointer: unknown, type: unknown, ...values: unknown[]): unknown;
  sizeof(type: string): number;
}
type Call = (...values: unknown[]) => unknown;

/** A CK_RV other than CKR_OK. */
export class CryptokiError extends Error {
  readonly at: string;
  readonly result: number;
  constructor(at: string, result: number) {
    super(`${at}: 0x${result.toString(16)}`);
    this.at = at;
    this.result = result;
  }
}

/** Places in CK_FUNCTION_LIST, and types: `n` CK_ULONG, `b` CK_BBOOL, `p` pointer, `o` CK_ULONG that is returned, `t` template. */
const functions = {
  C_Initialize: [0, "p"],
  C_Finalize: [1, "p"],
  C_GetInfo: [2, "p"],
  C_GetSlotList: [4, "bpo"],
  C_GetSlotInfo: [5, "np"],
  C_GetTokenInfo: [6, "np"],
  C_GetMechanismList: [7, "npo"],
  C_OpenSession: [12, "nnppo"],
  C_CloseSession: [13, "n"],
  C_Login: [18, "nnpn"],
  C_Logout: [19, "n"],
  C_GetAttributeValue: [24, "nntn"],
  C_FindObjectsInit: [26, "ntn"],
  C_FindObjects: [27, "npno"],
  C_FindObjectsFinal: [28, "n"],
  C_SignInit: [42, "npn"],
  C_Sign: [43, "npnpo"],
} as const;

export type FunctionName = keyof typeof functions;

const types: Readonly<Record<string, string>> = {
  n: "unsigned long",
  b: "uint8_t",
  p: "void *",
  o: "_Inout_ unsigned long *",
  t: "_Inout_ CK_ATTRIBUTE *",
};

export interface Attribute {
  type: number;
  pValue: Buffer | null;
  ulValueLen: number;
}

export interface Cryptoki {
  /** @throws CryptokiError */
  call(name: FunctionName, ...values: unknown[]): void;
  /** Bytes of a CK_ULONG. */
  longLength: number;
  readLong(bytes: Buffer, offset?: number): number;
  longs(...values: number[]): Buffer;
  /** Offset of the field behind CK_VERSION and the like on this platform. */
  isPacked: boolean;
}

/**
 * @throws of the dynamic linker, in its words; CryptokiError
 */
export function loadCryptoki(path: string, koffi: KoffiOfModules): Cryptoki {
  // On Windows, PKCS #11 packs its structures to one byte.
  const isPacked = process.platform === "win32";
  koffi[isPacked ? "pack" : "struct"]("CK_ATTRIBUTE", {
    type: "unsigned long",
    pValue: "void *",
    ulValueLen: "unsigned long",
  });
  const list: unknown[] = [null];
  const getList = koffi.load(path).func("unsigned long C_GetFunctionList(_Out_ void **list)");
  check("C_GetFunctionList", getList(list));
  const start = isPacked ? 2 : koffi.sizeof("void *");
  const longLength = koffi.sizeof("unsigned long");
  const bound = new Map<FunctionName, Call>();
  const bind = (name: FunctionName): Call => {
    const [place, parameters] = functions[name];
    const pointer = koffi.decode(list[0], start + place * koffi.sizeof("void *"), "void *");
    const declared = Array.from(parameters, (one) => types[one]).join(", ");
    const type = koffi.proto(`unsigned long ${name}(${declared})`);
    const call: Call = (...values) => koffi.call(pointer, type, ...values);
    bound.set(name, call);
    return call;
  };
  return {
    call: (name, ...values) => {
      check(name, (bound.get(name) ?? bind(name))(...values));
    },
    isPacked,
    longLength,
    readLong: (bytes, offset = 0) =>
      longLength === 8 ? Number(bytes.readBigUInt64LE(offset)) : bytes.readUInt32LE(offset),
    longs: (...values) => longs(values, longLength),
  };
}

function longs(values: readonly number[], length: number): Buffer {
  const bytes = Buffer.alloc(length * values.length);
  values.forEach((value, at) => {
    if (length === 8) bytes.writeBigUInt64LE(BigInt(value), at * length);
    else bytes.writeUInt32LE(value, at * length);
  });
  return bytes;
}

function check(at: string, result: unknown): void {
  const value = Number(result);
  if (value !== 0) throw new CryptokiError(at, value);
}
