/** The failures of a control plane. */
import { EksX509Error } from "../../../foundation/errors.ts";

export function programMissing(program: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "sandbox",
    code: "SANDBOX_CONTROL_PLANE_MISSING",
    message: `the folder in KUBEBUILDER_ASSETS holds no program ${program}`,
    hint: "It must hold both kube-apiserver and etcd; scripts/build-control-plane, in the project's repository, builds them. Unset it for the embedded API.",
  });
}

/** `log`: the program's last lines. */
export function programFailed(program: string, code: number, log: readonly string[]): EksX509Error {
  const said = log.length === 0 ? "It said nothing." : `Its last lines: ${log.join(" | ")}`;
  return new EksX509Error({
    category: "other",
    hop: "sandbox",
    code: "SANDBOX_CONTROL_PLANE_FAILED",
    message: `${program} ended with code ${code} before it was ready`,
    hint: `${said}. Check that the two programs in KUBEBUILDER_ASSETS belong to this machine, and that TMPDIR has space.`,
  });
}

export function notReady(seconds: number, log: readonly string[]): EksX509Error {
  const said = log.length === 0 ? "It said nothing." : `Its last lines: ${log.join(" | ")}`;
  return new EksX509Error({
    category: "other",
    hop: "sandbox",
    code: "SANDBOX_CONTROL_PLANE_NOT_READY",
    message: `kube-apiserver was not ready after ${seconds} seconds`,
    hint: `${said}. The machine may be too busy for it; the embedded API, without KUBEBUILDER_ASSETS, needs far less.`,
  });
}
