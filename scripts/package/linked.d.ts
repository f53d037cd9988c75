import type { Platform } from "../platforms.js";

export interface Part {
  readonly name: string;
  readonly license: string;
  readonly source?: string;
  readonly copyright?: readonly string[];
  readonly texts: readonly string[];
}

export const bunVersion: string;
export function linkedParts(platform: Platform): readonly Part[];
export function linkedNotice(parts: readonly Part[]): string;
export function licenceText(file: string): string;
