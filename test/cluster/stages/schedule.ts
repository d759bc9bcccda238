/**
 * Stages side by side, as far as the machine's cores go; shown one after the other, in the order of their beginning.
 */

/** What one stage prints is shown at once while it is the first that is not done, and kept until then. */
class Screen {
  private readonly waiting: { text: string; done: boolean }[] = [];

  constructor(private readonly print: (text: string) => void) {}

  /** Takes the next place. */
  open(): { readonly write: (text: string) => void; readonly close: () => void } {
    const place = { text: '', done: false };
    this.waiting.push(place);
    const write = (text: string): void => {
      if (this.waiting[0] === place) this.print(text);
      else place.text += text;
    };
    const close = (): void => {
      place.done = true;
      this.advance();
    };
    return { write, close };
  }

  private advance(): void {
    while (this.waiting[0]?.done === true) {
      this.waiting.shift();
      const next = this.waiting.at(0);
      if (next === undefined) return;
      this.print(next.text);
      next.text = '';
    }
  }
}

/** Cores that stages take and give back; whoever asks first is served first. */
class Cores {
  private readonly queue: { readonly wants: number; readonly go: () => void }[] = [];

  constructor(private free: number) {}

  async take(wants: number): Promise<void> {
    // What only waits need not wait for others.
    if (wants === 0) return;
    await new Promise<void>((go) => {
      this.queue.push({ wants, go });
      this.serve();
    });
  }

  give(cores: number): void {
    this.free += cores;
    this.serve();
  }

  private serve(): void {
    for (let first = this.queue[0]; first !== undefined && first.wants <= this.free; first = this.queue[0]) {
      this.queue.shift();
      this.free -= first.wants;
      first.go();
    }
  }
}

export class Schedule {
  private readonly cores: Cores;
  private readonly screen: Screen;

  constructor(cores: number, print: (text: string) => void) {
    this.cores = new Cores(cores);
    this.screen = new Screen(print);
  }

  /** Runs `work` when so many cores are free. */
  async run<T>(cores: number, work: (write: (text: string) => void) => Promise<T>): Promise<T> {
    const { write, close } = this.screen.open();
    await this.cores.take(cores);
    try {
      return await work(write);
    } finally {
      this.cores.give(cores);
      close();
    }
  }
}
