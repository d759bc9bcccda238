import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { LAUNCHER_PROFILE } from '../../../src/launcher/index.js';

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: string;
  }[];
}
const profile = JSON.parse(LAUNCHER_PROFILE.text) as { defaultAction: string; syscalls: readonly Rule[] };

/**
 * What a filter made of the profile says, as the runtime specification has it: any rule of the call that fits allows
 * it.
 */
const isAllowed = (call: string, ...args: readonly number[]): boolean =>
  profile.syscalls.some(
    ({ names, action, args: conditions = [] }) =>
      action === 'SCMP_ACT_ALLOW' &&
      names.includes(call) &&
      conditions.every(({ index, value, valueTwo = 0, op }) => {
        const given = BigInt(args[index] ?? 0);
        return op === 'SCMP_CMP_EQ' ? given === BigInt(value) : (given & BigInt(value)) === BigInt(valueTwo);
      }),
  );

const NEW = {
  mount: 0x20000,
  cgroup: 0x2000000,
  uts: 0x4000000,
  ipc: 0x8000000,
  user: 0x10000000,
  pid: 0x20000000,
  net: 0x40000000,
};

describe('attack: the kernel from within a compute container', () => {
  it('finds what is not named refused, and the calls by which containers were left', () => {
    assert.equal(profile.defaultAction, 'SCMP_ACT_ERRNO');
    const refused = [
      ...['add_key', 'keyctl', 'request_key', 'bpf', 'userfaultfd', 'perf_event_open', 'ptrace', 'process_vm_readv'],
      ...['process_vm_writev', 'kcmp', 'io_uring_setup', 'io_uring_enter', 'io_uring_register', 'setns', 'chroot'],
      ...[
        'open_by_handle_at',
        'name_to_handle_at',
        'fsopen',
        'fsmount',
        'fsconfig',
        'move_mount',
        'open_tree',
        'mount_setattr',
      ],
      ...[
        'umount',
        'init_module',
        'finit_module',
        'delete_module',
        'kexec_load',
        'kexec_file_load',
        'reboot',
        'swapon',
      ],
      ...['iopl', 'ioperm', 'modify_ldt', 'settimeofday', 'clock_settime', 'sethostname', 'setdomainname', 'quotactl'],
      ...['acct', 'lookup_dcookie', 'vhangup', 'move_pages', 'set_mempolicy', 'nfsservctl', 'clone3', 'syslog'],
      ...['fanotify_init', 'pidfd_getfd', 'personality_', 'vm86', 'uselib', 'ustat', 'sysfs'],
    ];
    assert.deepEqual(
      refused.filter((call) => isAllowed(call)),
      [],
    );
    const clone3 = profile.syscalls.find(({ names }) => names.includes('clone3'));
    assert.deepEqual(
      [clone3?.action, clone3?.errnoRet],
      ['SCMP_ACT_ERRNO', 38],
      'ENOSYS, or no program starts a thread',
    );
  });

  it('makes no namespace but passt’s two, in two steps', () => {
    const flags = Object.values(NEW);
    const ofPasst = new Set([NEW.user, NEW.mount + NEW.uts + NEW.ipc + NEW.pid]);
    // Every set of namespaces that there is.
    for (let set = 1; set < 1 << flags.length; set += 1) {
      const value = flags.reduce((sum, flag, bit) => (set & (1 << bit) ? sum + flag : sum), 0);
      assert.equal(isAllowed('unshare', value), ofPasst.has(value), value.toString(16));
      assert.equal(isAllowed('clone', value + 17), false, value.toString(16));
    }
    assert.equal(isAllowed('clone', 17), true);
    // A thread of the C library's.
    assert.equal(isAllowed('clone', 0x3d0f00), true);
  });

  it('mounts nothing but an empty directory that is read-only, and detaches the rest', () => {
    const flags = {
      rdonly: 1,
      nosuid: 2,
      nodev: 4,
      noexec: 8,
      remount: 32,
      bind: 4096,
      move: 8192,
      rec: 16384,
      unbindable: 131072,
      private: 262144,
    };
    const mounts = (value: number): boolean => isAllowed('mount', 0, 0, 0, value);
    assert.deepEqual([mounts(15), mounts(flags.rec + flags.unbindable)], [true, true]);
    for (const value of [0, ...Object.values(flags), flags.bind + flags.rec, 15 + flags.remount, 15 + flags.bind])
      assert.equal(mounts(value), false, String(value));
    assert.deepEqual(
      [isAllowed('umount2', 0, 10), isAllowed('umount2', 0, 0), isAllowed('umount2', 0, 2)],
      [true, false, false],
    );
  });

  it('has a name that says what is in it', () => {
    const digest = createHash('sha256').update(LAUNCHER_PROFILE.text).digest('hex').slice(0, 32);
    assert.equal(LAUNCHER_PROFILE.fileName, `launcher-${digest}.json`);
    assert.equal(LAUNCHER_PROFILE.digest, digest);
  });
});
