/** An edit, made before the lock is taken: reading a large kubeconfig takes longer than others shall wait. */
import { EksX509Error } from "../../foundation/errors.ts";
import type { Disk } from "./disk.ts";
import { readKubeconfig } from "./read-file.ts";

/** @param text undefined when there is no such file */
export type Edit<Edited> = (text: string | undefined) => Edited;

export class EditAhead<Edited> {
  readonly #edit: Edit<Edited>;
  #done: { text: string | undefined; outcome: () => Edited } | undefined;

  constructor(edit: Edit<Edited>) {
    this.#edit = edit;
  }

  /** Whatever is wrong with the file without a lock, such as half of what kubectl is writing, may be right with one. */
  prepare(path: string, disk: Disk): void {
    try {
      this.#outcomeOf(readKubeconfig(path, disk)?.text);
    } catch (error) {
      if (!(error instanceof EksX509Error)) throw error;
    }
  }

  editedOf(text: string | undefined): Edited {
    return this.#outcomeOf(text)();
  }

  #outcomeOf(text: string | undefined): () => Edited {
    if (this.#done && this.#done.text === text) return this.#done.outcome;
    const outcome = outcomeOf(() => this.#edit(text));
    this.#done = { text, outcome };
    return outcome;
  }
}

function outcomeOf<Edited>(edit: () => Edited): () => Edited {
  try {
    const edited = edit();
    return () => edited;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
