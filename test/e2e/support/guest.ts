import { ConsoleSession } from './console.js';

let serial = 0;

/** A shell in a guest, on its serial console. */
export class GuestShell {
  private constructor(private readonly session: ConsoleSession) {}

  static async open(namespace: string, name: string, seconds = 180): Promise<GuestShell> {
    const session = new ConsoleSession(namespace, name);
    await session.shell(seconds);
    // The kernel's own words would get between a command's.
    session.type('dmesg -n 1; stty -echo\r');
    return new GuestShell(session);
  }

  /** What a command prints, without the last line's end; standard error included. */
  async run(command: string, seconds = 60): Promise<string> {
    serial += 1;
    const [begin, end] = [`begin-${serial}-`, `end-${serial}-`];
    // Put together by the shell, so that an echo of the line cannot be taken for its output.
    this.session.type(`echo ${begin}$((1+1)); { ${command}; } 2>&1; echo ${end}$((1+1))\r`);
    await this.session.expect(new RegExp(`${begin}2\\r?\\n`), seconds);
    const output = await this.session.expect(new RegExp(`[^]*?${end}2`), seconds);
    return output.slice(0, output.lastIndexOf(end)).replaceAll('\r', '').trimEnd();
  }

  /** Types a command that ends the shell. */
  send(command: string): void {
    this.session.type(`${command}\r`);
  }

  /** Waits for what the console says, of a boot loader too. */
  said(pattern: RegExp, seconds: number): Promise<string> {
    return this.session.expect(pattern, seconds);
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

/** Opens a shell, uses it, closes it whatever happens. */
export const inGuest = async <T>(
  namespace: string,
  name: string,
  use: (guest: GuestShell) => Promise<T>,
): Promise<T> => {
  const guest = await GuestShell.open(namespace, name);
  try {
    return await use(guest);
  } finally {
    await guest.close();
  }
};
