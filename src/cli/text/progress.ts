/** One line on a terminal that says what is being waited for, and is gone when there is something to read. */
export interface Progress {
  show: (text: string) => void;
  /** Nothing of it is left on the screen. */
  clear: () => Promise<void>;
}

/** @param isTerminal without one, nothing is shown */
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
