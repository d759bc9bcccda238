/** Signals that end the plugin by default; the terminal must be usable afterwards. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export interface TerminalOptions {
  readonly stdin: NodeJS.ReadStream;
  /** Called with the exit code (128 + signal number) when a signal asks the plugin to end. */
  readonly onSignal: (exitCode: number) => void;
}

export interface Terminal {
  readonly isTty: boolean;
  /** Puts a TTY into raw mode; nothing happens on a pipe. */
  readonly raw: () => void;
  /** Back to the user's mode. Safe to call again and again. */
  readonly restore: () => void;
}

/**
 * Guards the terminal: whatever ends the process (return, exception, exit, signal), a raw terminal is restored. libuv
 * restores it on a clean exit too, but not after a signal.
 */
export const guardTerminal = ({ stdin, onSignal }: TerminalOptions): Terminal & { release: () => void } => {
  let isRaw = false;
  const restore = (): void => {
    if (!isRaw) return;
    isRaw = false;
    stdin.setRawMode(false);
  };
  const onUncaught = (): void => restore();
  const handlers = Object.entries(SIGNALS).map(([signal, number]) => {
    const handler = (): void => {
      restore();
      onSignal(128 + number);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  process.on('exit', restore);
  process.on('uncaughtExceptionMonitor', onUncaught);
  return {
    isTty: stdin.isTTY,
    raw: () => {
      if (!stdin.isTTY) return;
      stdin.setRawMode(true);
      isRaw = true;
    },
    restore,
    release: () => {
      restore();
      for (const [signal, handler] of handlers) process.off(signal, handler);
      process.off('exit', restore);
      process.off('uncaughtExceptionMonitor', onUncaught);
    },
  };
};
