/** What the program was built from. The build replaces these values; the sources themselves are no build. */
export const build: { readonly commit: string | null; readonly time: string | null } = {
  commit: null,
  time: null,
};
