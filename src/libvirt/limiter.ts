import { LimitError } from './errors.js';

/** Lets at most `limit` tasks run at a time; the others wait their turn, first come first served. */
export class Gate {
  readonly #limit: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number, maxWaiting = Infinity) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
  }

  /** Throws LimitError when too many wait. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit && this.#waiting.length >= this.#maxWaiting) {
      throw new LimitError(
        'waitingCalls',
        this.#maxWaiting,
        `one call more than ${this.#maxWaiting} would wait in line`,
      );
    }
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
