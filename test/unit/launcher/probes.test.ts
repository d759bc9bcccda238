import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Probe } from '../../../src/api/schema/virtualmachineinstance.js';
import { livenessProbe, readinessProbe } from '../../../src/launcher/probes.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { config, vmi } from '../domain/fixtures.js';

const rendered = (probe: Probe) => readinessProbe(vmi({ readinessProbe: probe })).readinessProbe;
const TIMES = {
  initialDelaySeconds: 0,
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
};

describe('the readiness probe of a launcher pod', () => {
  it('is there where the guest has one', () => {
    assert.deepEqual(readinessProbe(vmi()), {});
    assert.deepEqual(readinessProbe(vmi({ readinessProbe: {} })), {});
  });

  it('asks the address of the pod, and no other host', () => {
    const httpHeaders = [{ name: 'Host', value: 'shop.example' }];
    assert.deepEqual(rendered({ httpGet: { port: 'web', host: '10.0.0.1', httpHeaders }, periodSeconds: 5 }), {
      ...TIMES,
      periodSeconds: 5,
      httpGet: { path: '/', port: 'web', scheme: 'HTTP', httpHeaders },
    });
    assert.deepEqual(rendered({ tcpSocket: { port: 22, host: '10.0.0.1' } }), { ...TIMES, tcpSocket: { port: 22 } });
  });

  it('asks the agent in the guest by a helper, which takes a second more', () => {
    assert.deepEqual(rendered({ guestAgentPing: {}, timeoutSeconds: 4 }), {
      ...{ ...TIMES, initialDelaySeconds: 10, timeoutSeconds: 5 },
      exec: { command: ['/usr/bin/virt-probe', '4', 'ping'] },
    });
    assert.deepEqual(rendered({ exec: { command: ['cat', '/run/up'] }, initialDelaySeconds: 20 }), {
      ...{ ...TIMES, initialDelaySeconds: 30, timeoutSeconds: 2 },
      exec: { command: ['/usr/bin/virt-probe', '1', 'exec', 'cat', '/run/up'] },
    });
  });
});

describe('the liveness probe of a launcher pod', () => {
  it('is asked as the readiness probe, but for a paused guest', () => {
    assert.deepEqual(livenessProbe(vmi({ readinessProbe: { guestAgentPing: {} } })), {});
    assert.deepEqual(livenessProbe(vmi({ livenessProbe: { tcpSocket: { port: 22 } } })).livenessProbe, {
      ...TIMES,
      tcpSocket: { port: 22 },
    });
    assert.deepEqual(livenessProbe(vmi({ livenessProbe: { guestAgentPing: {} } })).livenessProbe, {
      ...{ ...TIMES, initialDelaySeconds: 10, timeoutSeconds: 2 },
      exec: { command: ['/usr/bin/virt-probe', '1', 'ping', 'or-paused'] },
    });
  });
  it('is known to the entrypoint, whose end it may be', () => {
    const of = (probes: object) =>
      buildLauncherPod(vmi(probes), { config: config(), launcherImage: 'launcher:1' }).spec.containers[0];
    const known = (probes: object) => of(probes)?.env.some(({ name }) => name === 'LIVENESS_PROBE');
    assert.equal(known({ livenessProbe: { guestAgentPing: {} } }), true);
    assert.equal(known({ readinessProbe: { guestAgentPing: {} } }), false);
    assert.equal(of({ livenessProbe: { guestAgentPing: {} } })?.livenessProbe?.failureThreshold, 3);
  });
});

describe('the seconds of a probe', () => {
  it('stay those that a pod may have', () => {
    const most = 2 ** 31 - 1;
    const probe = rendered({ guestAgentPing: {}, initialDelaySeconds: most, timeoutSeconds: most });
    assert.deepEqual([probe?.initialDelaySeconds, probe?.timeoutSeconds], [most, most]);
  });
});

describe('the helper that asks the agent', function () {
  this.timeout(60_000);
  let directory = '';
  before(() => (directory = mkdtempSync(join(tmpdir(), 'virt-probe-'))));
  after(() => rmSync(directory, { recursive: true }));

  /** @param answers what a virsh answers, by a pattern of what it is asked; nothing else is answered */
  const ask = (answers: Readonly<Record<string, string>>, ...args: string[]) => {
    const virsh = join(directory, 'virsh');
    const log = join(directory, 'log');
    const cases = Object.entries(answers).map(([pattern, text]) => `*'${pattern}'*) echo '${text}' ;;`);
    writeFileSync(log, '');
    writeFileSync(
      virsh,
      `#!/bin/sh\nfor last; do :; done\nprintf '%s\\n' "$last" >>${log}\ncase $last in ${cases.join(' ')} *) exit 1 ;; esac\n`,
    );
    chmodSync(virsh, 0o755);
    const env = {
      ...process.env,
      VIRSH: virsh,
      DOMAIN_NAME: 'shop_web',
      XDG_RUNTIME_DIR: directory,
      VMI_UID: 'u1',
      PRIVATE_DIR: directory,
    };
    const { status, stderr } = spawnSync('sh', ['src/launcher/virt-probe.sh', ...args], { env, encoding: 'utf8' });
    return { status, stderr: stderr.trim(), asked: readFileSync(log, 'utf8').trim().split('\n') };
  };
  const ENDED = (code: number) => `{"return":{"exitcode":${code},"exited":true}}`;
  const RUNS = { 'guest-exec"': '{"return":{"pid":77}}' };

  it('says whether it answers', () => {
    assert.equal(ask({ 'guest-ping': '{"return":{}}' }, '1', 'ping').status, 0);
    assert.deepEqual(ask({}, '1', 'ping'), {
      status: 1,
      stderr: 'the agent in the guest does not answer',
      asked: ['{"execute":"guest-ping"}'],
    });
  });

  it('says that a guest lives that its user has paused, where it is asked so', () => {
    const user = { '--reason': '', shop_web: 'paused (user)' };
    const failed = { shop_web: 'paused (I/O error)' };
    assert.equal(ask(user, '1', 'ping', 'or-paused').status, 0);
    assert.equal(ask(user, '1', 'ping').status, 1);
    assert.equal(ask(failed, '1', 'ping', 'or-paused').status, 1);
    assert.equal(ask({ shop_web: 'running' }, '1', 'ping', 'or-paused').status, 1);
  });

  it('says nothing else while the VMI has pings paused', () => {
    mkdirSync(join(directory, 'u1'));
    writeFileSync(join(directory, 'u1', 'probes-paused'), '');
    const answer = ask({}, '1', 'ping');
    rmSync(join(directory, 'u1'), { recursive: true });
    assert.deepEqual([answer.status, answer.asked], [0, ['']]);
    assert.equal(ask({}, '1', 'ping').status, 1);
  });

  it('passes on how a command in the guest ended', () => {
    for (const code of [0, 7, 255])
      assert.equal(ask({ ...RUNS, 'guest-exec-status': ENDED(code) }, '2', 'exec', 'true').status, code);
    assert.equal(
      ask({ ...RUNS, 'guest-exec-status': '{"return":{"exited":true,"signal":9}}' }, '2', 'exec', 'x').status,
      1,
    );
  });

  it('quotes every word of the command, and refuses what no word has', () => {
    const words = ['sh', '-c', 'echo "a\\b" && $HOME', "it's", '', '*'];
    const { asked } = ask({ ...RUNS, 'guest-exec-status': ENDED(0) }, '2', 'exec', ...words);
    const [path, ...arg] = words;
    assert.deepEqual(JSON.parse(asked[0] ?? ''), { execute: 'guest-exec', arguments: { path, arg } });
    assert.deepEqual(JSON.parse(asked[1] ?? ''), { execute: 'guest-exec-status', arguments: { pid: 77 } });
    const refused = ask(RUNS, '2', 'exec', 'sh', 'a\nb');
    assert.deepEqual([refused.status, refused.asked], [1, ['']]);
  });

  it('gives up on a command that does not end, and on answers that are none', () => {
    const { status, stderr } = ask(
      { ...RUNS, 'guest-exec-status': '{"return":{"exited":false}}' },
      '1',
      'exec',
      'sleep',
    );
    assert.equal(status, 1);
    assert.match(stderr, /"sleep" has not ended within 1 s/);
    for (const odd of ['', '{}', '{"return":{"pid":"1; reboot"}}'])
      assert.match(ask({ 'guest-exec"': odd }, '1', 'exec', 'x').stderr, /does not run "x"/);
  });
});
