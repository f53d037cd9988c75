interface Import {
  from: string;
  to: string;
  kind: "type" | "value" | "later";
}

export const floors: readonly string[];
export const hit: readonly string[];
export function faults(files: readonly string[], imports: readonly Import[]): string[];
export function filesOfHit(imports: readonly Import[]): string[];
export function readGraph(folder: string): { files: string[]; imports: Import[] };
