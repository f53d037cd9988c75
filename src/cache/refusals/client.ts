/**
 * Which client process asks: the parent, kubectl or whatever else has client-go in it. A process ID alone names many processes
 * one after another, so on Linux its start time comes with it, and where its stack begins: that is drawn anew by execve(2),
 * and so tells kubectl from a wrapper that has become kubectl. Elsewhere both would take a subprocess, longer than
 * the whole hit, so that the process ID has to do.
 */

export interface Parent {
  /** process.ppid */
  pid: number;
  /** /proc/PID/stat of the parent, proc_pid_stat(5); undefined where there is none */
  stat: string | undefined;
}

/** @returns undefined when the parent is not one client */
export function clientOf({ pid, stat }: Parent): string | undefined {
  // 0: the parent is outside of this container.
  if (pid <= 0) return undefined;
  if (stat === undefined) return pid === 1 ? undefined : String(pid);
  const { started, stack } = fieldsOf(stat);
  // Process 1 is either a container's only program, or an init that has many. The kernel shows the stack of one's own programs
  // only, and a machine's init is root's.
  if (pid === 1 && stack === "0") return undefined;
  return `${pid}-${started}-${stack}`;
}

/** Fields 22 and 28. The program's name, field 2, may hold anything, parentheses and spaces included. */
function fieldsOf(stat: string): { started: string; stack: string } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): string => fields[number - 3] ?? "0";
  return { started: field(22), stack: field(28) };
}
