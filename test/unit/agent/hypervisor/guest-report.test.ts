import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  agentInfo,
  fileSystems,
  freezeStatus,
  hostName,
  timeZone,
  users,
} from '../../../../src/agent/hypervisor/guest-report.js';

/** What an honest agent answers, of QEMU 7.2. */
const INFO = {
  version: '7.2.11',
  supported_commands: [
    { enabled: true, name: 'guest-exec', 'success-response': true },
    { enabled: false, name: 'guest-set-vcpus', 'success-response': true },
  ],
};
const FILE_SYSTEM = {
  name: 'vda1',
  mountpoint: '/',
  type: 'ext4',
  'total-bytes': 1000,
  'used-bytes': 400,
  disk: [{ serial: 'root', 'bus-type': 'virtio', bus: 0, target: 0, unit: 0, dev: '/dev/vda' }],
};

describe('what a guest’s agent answers', () => {
  it('is given in the API’s words', () => {
    assert.deepEqual(agentInfo(INFO), {
      guestAgentVersion: '7.2.11',
      supportedCommands: [
        { name: 'guest-exec', enabled: true },
        { name: 'guest-set-vcpus', enabled: false },
      ],
    });
    assert.equal(hostName({ 'host-name': 'web' }), 'web');
    assert.equal(timeZone({ zone: 'CEST', offset: 7200 }), 'CEST, 7200');
    assert.equal(timeZone({ offset: -3600 }), 'unknown, -3600');
    assert.deepEqual(
      users([
        { user: 'root', 'login-time': 1700000000.5 },
        { user: 'jo', domain: 'CORP' },
      ]),
      [
        { userName: 'root', loginTime: 1700000000.5 },
        { userName: 'jo', domain: 'CORP' },
      ],
    );
    assert.deepEqual(fileSystems([FILE_SYSTEM, { ...FILE_SYSTEM, 'total-bytes': undefined, 'used-bytes': -1 }]), [
      {
        diskName: 'vda1',
        mountPoint: '/',
        fileSystemType: 'ext4',
        usedBytes: 400,
        totalBytes: 1000,
        disk: [{ busType: 'virtio', serial: 'root' }],
      },
      {
        diskName: 'vda1',
        mountPoint: '/',
        fileSystemType: 'ext4',
        usedBytes: 0,
        totalBytes: 0,
        disk: [{ busType: 'virtio', serial: 'root' }],
      },
    ]);
    assert.deepEqual(
      [freezeStatus('frozen'), freezeStatus('thawed'), freezeStatus('melted')],
      ['frozen', 'thawed', undefined],
    );
  });

  it('is left out where it is of another type', () => {
    for (const wrong of [null, 7, 'text', [], [7], [null], { user: 7 }, [{ user: {} }], [{ name: [] }]]) {
      assert.deepEqual([agentInfo(wrong), users(wrong), fileSystems(wrong)], [{ supportedCommands: [] }, [], []]);
      assert.deepEqual([hostName(wrong), timeZone(wrong), freezeStatus(wrong)], [undefined, undefined, undefined]);
    }
    assert.equal(timeZone({ zone: 'X', offset: 1e9 }), undefined);
  });

  it('never is anything but short visible text and numbers, whatever the guest answers', () => {
    const answer = fc.anything({
      withNullPrototype: false,
      maxDepth: 3,
      key: fc.constantFrom(
        ...[
          'user',
          'domain',
          'login-time',
          'name',
          'mountpoint',
          'type',
          'disk',
          'bus-type',
          'serial',
          'zone',
          'offset',
        ],
        ...['version', 'supported_commands', 'enabled', 'host-name', 'total-bytes', 'used-bytes', '__proto__'],
      ),
    });
    fc.assert(
      fc.property(answer, fc.array(answer), (one, list) => {
        for (const said of [one, list]) {
          const text = JSON.stringify([
            agentInfo(said),
            users(said),
            fileSystems(said),
            hostName(said),
            timeZone(said),
          ]);
          assert.doesNotMatch(text, /\\u00[01]|\\ud[89ab]|[\u007f-\u009f]/i);
        }
      }),
    );
  });

  it('has a bound in number and in bytes', () => {
    const long = 'x\u001b[2J\n'.repeat(40_000);
    const many = <T>(one: T): T[] => Array.from({ length: 10_000 }, () => one);
    const command = { name: long, enabled: true };
    const all = [
      agentInfo({ version: long, supported_commands: many(command) }),
      users(many({ user: long, domain: long, 'login-time': 1e300 })),
      fileSystems(many({ ...FILE_SYSTEM, name: long, mountpoint: long, type: long })),
      hostName({ 'host-name': long }),
      timeZone({ zone: long, offset: 0 }),
    ];
    const disks = fileSystems([{ ...FILE_SYSTEM, disk: many({ 'bus-type': long, serial: long }) }]);
    assert.equal(disks[0]?.disk?.length, 8);
    // What virt-webhook takes of an agent is a megabyte.
    assert.ok(JSON.stringify(all).length < 400_000, String(JSON.stringify(all).length));
    assert.doesNotMatch(JSON.stringify([all, disks]), /\\u001b|\\n/);
  });
});
