/**
 * kubectl reads plain words by YAML 1.1: `yes`, `on` and `1_000` are no texts to it. Written without quotes as a name or a
 * variable's value, they make it refuse the file.
 */
import { isScalar, Scalar, visit, type Document } from "yaml";

const yes = /^(y|Y|yes|Yes|YES|on|On|ON)$/;
const no = /^(n|N|no|No|NO|off|Off|OFF)$/;
const number = /^[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(\.[0-9_]*)?)$/;

/** Changes the document. */
export function valuesAsKubectl(document: Document): unknown {
  visit(document, {
    Scalar: (key, node) => {
      if (key !== "key" && isScalar(node) && node.type === Scalar.PLAIN && node.tag === undefined)
        node.value = oldValue(node.value);
    },
  });
  return document.toJS();
}

function oldValue(value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (yes.test(value)) return true;
  if (no.test(value)) return false;
  return number.test(value) ? Number(value.replaceAll("_", "")) : value;
}
