interface Import {
  from: string;
  to: string;
}

export const floors: readonly string[];
export function faults(files: readonly string[], imports: readonly Import[]): string[];
export function readGraph(folder: string): { files: string[]; imports: Import[] };
