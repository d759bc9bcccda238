/** How often the loop of the program is to beat, and how often the witness looks. */
export const BEAT_MS = 1_000;

/**
 * Looks of the witness between two beats after which the loop counts as hung. The longest piece of work known takes
 * 50 ms of processor time: 30 s is six hundred times that, and more than the loop waits for a disk.
 */
export const LOOKS_WITHOUT_BEAT = 30;

/**
 * Tells a loop that hangs from one that is busy or starved, from a thread of the same process. It counts its own looks,
 * not the time: on a node that has no processor time to give, and in a process that was frozen, the witness is late as
 * the loop is, so nothing is held against the loop that its node is to blame for.
 */
export class Witness {
  private seen = -1;
  private looks = 0;

  /** @param beats Shared memory: how often the loop has beaten. */
  constructor(
    private readonly beats: Int32Array,
    private readonly patience: number,
  ) {}

  /** To be called at a steady pace. */
  look(): void {
    const beats = Atomics.load(this.beats, 0);
    this.looks = beats === this.seen ? this.looks + 1 : 0;
    this.seen = beats;
  }

  get alive(): boolean {
    return this.looks < this.patience;
  }
}
