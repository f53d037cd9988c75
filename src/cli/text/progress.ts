/** One line on a terminal that names the present hop and disappears before the output. */
export interface Progress {
  show: (text: string) => void;
  /** Removes the line from the screen. */
  clear: () => Promise<void>;
}

/** @param isTerminal if false, nothing is printed */
export function progressOn(stderr: (text: string) => Promise<void>, isTerminal: boolean): Progress {
  if (!isTerminal) return { show: () => undefined, clear: () => Promise.resolve() };
  const write = (text: string): Promise<void> => stderr(`\r\u001b[K${text}`).catch(() => undefined);
  return {
    show: (text) => {
      void write(text);
    },
    clear: () => write(""),
  };
}
