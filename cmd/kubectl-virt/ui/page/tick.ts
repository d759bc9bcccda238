import { useEffect, useReducer } from 'preact/hooks';

const TICK_MS = 60_000;

/** Draws a view again once a minute: ages move though nothing else does. */
export const useTick = (): void => {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => redraw(undefined), TICK_MS);
    return () => clearInterval(timer);
  }, []);
};
