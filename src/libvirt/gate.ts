/** Lets at most `limit` tasks run at a time; the others wait their turn, first come first served. */
export class Gate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((enter) => this.#waiting.push(enter));
    else this.#running++;
    try {
      return await task();
    } finally {
      // The place is handed to the next one, so that a newcomer cannot slip in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
