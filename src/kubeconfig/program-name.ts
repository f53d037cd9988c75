/** The program of a command, by its name alone: `eks-x509`, as a name on PATH or as a path. */

const ownNames = ["eks-x509", "kubectl-eks_x509"];

/** Ignores the folder, and the extension of a Windows program. */
export function programName(command: string): string {
  const [last = ""] = command.split(/[\\/]/).slice(-1);
  return last.replace(/\.(exe|cmd|bat|com|ps1)$/i, "");
}

/** Whether the command has a name of this program. Another program can have it too. */
export function isOwnName(command: string): boolean {
  return ownNames.includes(programName(command));
}
