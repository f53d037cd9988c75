export interface Platform {
  readonly name: string;
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "x64" | "arm64";
  readonly isMusl: boolean;
  readonly native: readonly string[];
}

export const platforms: readonly Platform[];
