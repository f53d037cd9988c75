/** A kubeconfig's text, as a YAML document: one mapping, or refused with line and column. Nothing is guessed. */
import { LineCounter, parseDocument, type Document } from "yaml";
import { EksX509Error } from "../errors.ts";

export interface NamedText {
  /** Path of the file, for messages. */
  name: string;
  text: string;
}

/** @throws EksX509Error KUBECONFIG_INVALID */
export function kubeconfigDocument({ name, text }: NamedText): Document {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [problem] = document.errors;
  if (problem) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw new EksX509Error({
      category: "usage",
      hop: "kubeconfig",
      code: "KUBECONFIG_INVALID",
      message: `${name} is not YAML: line ${line}, column ${col}`,
      hint: "Mend it by hand, or restore it from a backup: nothing was changed.",
    });
  }
  return document;
}
