/** The failures of a control plane. */
import { EksX509Error } from "../../../foundation/errors.ts";

export function programMissing(program: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "sandbox",
    code: "SANDBOX_CONTROL_PLANE_MISSING",
    message: `the folder in KUBEBUILDER_ASSETS contains no program ${program}`,
    hint: "It must contain kube-apiserver and etcd. scripts/build-control-plane in the project's repository builds them. Unset the variable to use the embedded API.",
  });
}

/** `log`: the program's last lines. */
export function programFailed(program: string, code: number, log: readonly string[]): EksX509Error {
  const said = log.length === 0 ? "It printed nothing." : `Its last lines: ${log.join(" | ")}`;
  return new EksX509Error({
    category: "other",
    hop: "sandbox",
    code: "SANDBOX_CONTROL_PLANE_FAILED",
    message: `${program} ended with code ${code} before it was ready`,
    hint: `${said}. Check that the programs in KUBEBUILDER_ASSETS are built for this machine, and that TMPDIR has space.`,
  });
}

export function notReady(seconds: number, log: readonly string[]): EksX509Error {
  const said = log.length === 0 ? "It printed nothing." : `Its last lines: ${log.join(" | ")}`;
  return new EksX509Error({
    category: "other",
    hop: "sandbox",
    code: "SANDBOX_CONTROL_PLANE_NOT_READY",
    message: `kube-apiserver was not ready after ${seconds} seconds`,
    hint: `${said}. The machine may be too busy. Unset KUBEBUILDER_ASSETS to use the embedded API, which needs far less.`,
  });
}
