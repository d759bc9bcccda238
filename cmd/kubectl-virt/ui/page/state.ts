import { useEffect, useReducer } from 'preact/hooks';

/** A value that views read, and that tells them when it is another. */
export class State<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(first: T) {
    this.#value = first;
  }

  get value(): T {
    return this.#value;
  }

  set value(next: T) {
    if (next === this.#value) return;
    this.#value = next;
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The value of a state in a view, which is drawn again when it changes. */
export const useValue = <T>(state: State<T>): T => {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => state.subscribe(() => redraw(undefined)), [state]);
  return state.value;
};
