/** The environment variables as a value. Only src/dependencies.ts reads those of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;
