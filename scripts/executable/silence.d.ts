export const silenced: readonly string[];
export const silencedWhereRead: readonly string[];
export const trusted: readonly string[];
export const reworded: readonly (readonly [string, string])[];
export const silencedOptions: readonly string[];
export function silence(runtime: string, copy: string, os: string): void;
