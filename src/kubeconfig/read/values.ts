/**
 * What a kubeconfig's nodes mean to kubectl, which reads plain words by YAML 1.1 (go-yaml, resolve): `yes` is true, `010` is
 * eight. Integers are bigints here, since those of 64 bits are not lost as numbers.
 */
import { isScalar, Scalar, visit, type Document } from "yaml";
import { isObject } from "../../foundation/json.ts";

export type Content = Readonly<Record<string, unknown>>;

/** Changes the values of the document's plain scalars. Bounded in size where kubeconfigDocument() has read it. */
export function contentAsKubectl(document: Document): unknown {
  visit(document, {
    Scalar: (key, node) => {
      if (key !== "key" && isScalar(node) && node.type === Scalar.PLAIN && node.tag === undefined)
        node.value = valueOf(node.source ?? "", node.value);
    },
  });
  return document.toJS();
}

export function membersOf(value: unknown): Content {
  return isObject(value) ? value : {};
}

export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const yes = /^(y|Y|yes|Yes|YES|on|On|ON)$/;
const no = /^(n|N|no|No|NO|off|Off|OFF)$/;
const integer = /^([-+]?)(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/;
const float = /^[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*\.?[0-9_]*)([eE][-+]?[0-9]+)?$/;

function valueOf(source: string, value: unknown): unknown {
  if (yes.test(source)) return true;
  if (no.test(source)) return false;
  const [, sign, digits] = integer.exec(source) ?? [];
  const whole = digits === undefined ? undefined : integerOf(digits.replaceAll("_", ""));
  if (whole !== undefined) return sign === "-" ? -whole : whole;
  return float.test(source) ? Number(source.replaceAll("_", "")) : value;
}

/** Undefined for 08, which is a float. */
function integerOf(digits: string): bigint | undefined {
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits}`);
  return /^0[0-9]/.test(digits) || /^0[box]$/.test(digits) ? undefined : BigInt(digits);
}
