import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFrame } from '../../../src/agent/network/packets.js';

/*
 * A network namespace with two taps that the test holds: the guest's card, and the pod's own device, whose other end is
 * the node's. What leaves and arrives are frames that the test reads and writes.
 */

/** perl is on every Debian: argument the tap, frames in hexadecimal, a line each. */
const HOLD = `
use strict; use Fcntl; $| = 1;
sysopen(my $tun, '/dev/net/tun', O_RDWR) or die "/dev/net/tun: $!";
my $request = pack('a16 S x22', $ARGV[0], 0x1002);
ioctl($tun, 0x400454ca, $request) or die "TUNSETIFF $ARGV[0]: $!";
print "ready\\n";
my $pending = '';
while (1) {
  my $read = ''; vec($read, fileno(STDIN), 1) = 1; vec($read, fileno($tun), 1) = 1;
  select($read, undef, undef, undef);
  if (vec($read, fileno($tun), 1)) { my $frame; sysread($tun, $frame, 70000) and print unpack('H*', $frame), "\\n"; }
  if (vec($read, fileno(STDIN), 1)) {
    my $more; sysread(STDIN, $more, 65536) or exit 0;
    $pending .= $more;
    while ($pending =~ s/^([0-9a-f]*)\\n//) { syswrite($tun, pack('H*', $1)); }
  }
}`;

export const POD = { mac: '02:00:00:00:aa:02', address: '10.9.0.2', address6: 'fd99::2' } as const;
export const NODE = { mac: '02:00:00:00:aa:01', address: '10.9.0.1' } as const;

/** Whether a frame is a datagram to this port. */
export const isUdp =
  (port: number) =>
  (frame: Buffer): boolean => {
    const found = readFrame(frame);
    return found?.protocol === 17 && found.destinationPort === port;
  };
/** Source and destination of IPv4. */
export const addresses = (frame: Buffer): string[] => {
  const { source, destination } = readFrame(frame)!;
  return [[...source].join('.'), [...destination].join('.')];
};

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });

/** One end of a wire. */
export class Wire {
  private frames: Buffer[] = [];
  private text = '';

  private constructor(private readonly child: ChildProcess) {}

  static async hold(namespace: string, tap: string): Promise<Wire> {
    const child = spawn('ip', ['netns', 'exec', namespace, 'perl', '-e', HOLD, tap], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const wire = new Wire(child);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${tap} cannot be held: exit code ${code}`)));
      child.stdout.on('data', (chunk: Buffer) => {
        wire.text += chunk.toString('latin1');
        const lines = wire.text.split('\n');
        wire.text = lines.pop() ?? '';
        for (const line of lines) line === 'ready' ? resolve() : wire.frames.push(Buffer.from(line, 'hex'));
      });
    });
    return wire;
  }

  send(...frames: readonly Buffer[]): void {
    this.child.stdin?.write(frames.map((frame) => `${frame.toString('hex')}\n`).join(''));
  }

  /** What has come since the last call, of those that are wanted. */
  take(wanted: (frame: Buffer) => boolean = () => true): Buffer[] {
    const found = this.frames.filter(wanted);
    this.frames = [];
    return found;
  }

  /** The first wanted frame that comes. */
  async next(wanted: (frame: Buffer) => boolean, seconds = 10): Promise<Buffer> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      const found = this.frames.findIndex(wanted);
      if (found >= 0) return this.frames.splice(found, 1)[0]!;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('no such frame came');
  }

  /** The answer to what is asked again each second, as clients of DHCP do: the first may come before the link is up. */
  async answer(wanted: (frame: Buffer) => boolean, ...asked: readonly Buffer[]): Promise<Buffer> {
    for (let tries = 1; ; tries += 1) {
      this.send(...asked);
      const answer = await this.next(wanted, 1).catch(() => undefined);
      if (answer !== undefined) return answer;
      if (tries === 20) throw new Error('nobody answers');
    }
  }

  close(): void {
    this.child.kill();
  }
}

/** A pod's network namespace as its network made it. */
export class PodNamespace {
  constructor(readonly name: string) {}

  create(): void {
    ip('netns', 'add', this.name);
    const inside = (...args: string[]): string => ip('-n', this.name, ...args);
    inside('link', 'set', 'lo', 'up');
    inside('tuntap', 'add', 'dev', 'eth0', 'mode', 'tap');
    inside('link', 'set', 'eth0', 'address', POD.mac, 'mtu', '1450');
    inside('address', 'add', `${POD.address}/24`, 'dev', 'eth0');
    inside('address', 'add', `${POD.address6}/64`, 'dev', 'eth0', 'nodad');
    inside('link', 'set', 'eth0', 'up');
    inside('neigh', 'replace', NODE.address, 'lladdr', NODE.mac, 'dev', 'eth0', 'nud', 'permanent');
    inside('route', 'add', 'default', 'via', NODE.address);
  }

  run(...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, ...command], { encoding: 'utf8' });
  }

  /** Runs the agent's program there, as the agent does. */
  argv(program: string): string[] {
    return [
      ...['nsenter', `--net=/run/netns/${this.name}`, '--', 'unshare', '--mount', '--mount-proc', '--'],
      ...[process.execPath, program],
    ];
  }

  remove(): void {
    ip('netns', 'delete', this.name);
  }
}
