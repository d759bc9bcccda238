const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

export interface Spinner {
  /** Shows what is waited for; on a pipe each new text is one line. */
  readonly say: (text: string) => void;
  readonly stop: () => void;
}

export const spinner = (stream: NodeJS.WriteStream): Spinner => {
  let text = '';
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    frame = (frame + 1) % FRAMES.length;
    // A line longer than the terminal would wrap and could not be overwritten.
    stream.write(`\r\x1b[K${FRAMES[frame] ?? ''} ${text.slice(0, Math.max(10, stream.columns - 4))}`);
  };
  return {
    say: (next) => {
      if (next === text) return;
      text = next;
      if (!stream.isTTY) return void stream.write(`${text}\n`);
      draw();
      timer ??= setInterval(draw, FRAME_MS);
    },
    stop: () => {
      if (timer !== undefined) {
        clearInterval(timer);
        stream.write('\r\x1b[K');
      }
      timer = undefined;
    },
  };
};
