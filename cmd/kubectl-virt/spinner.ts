import type { TextWriter } from './text-writer.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

export interface Spinner {
  /** Shows what is waited for; on a pipe each new text is one line. */
  readonly say: (text: string) => void;
  readonly stop: () => void;
}

export const spinner = (writer: TextWriter): Spinner => {
  let text = '';
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    frame = (frame + 1) % FRAMES.length;
    writer.rewriteLine(`${FRAMES[frame] ?? ''} ${text}`);
  };
  return {
    say: (next) => {
      if (next === text) return;
      text = next;
      if (writer.isTTY) {
        draw();
        timer ??= setInterval(draw, FRAME_MS);
      } else writer.write(`${text}\n`);
    },
    stop: () => {
      if (timer !== undefined) {
        clearInterval(timer);
        writer.eraseLine();
      }
      timer = undefined;
    },
  };
};
