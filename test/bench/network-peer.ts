import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { KubernetesObject } from '../../src/kube/types.js';
import { apply } from '../e2e/support/api.js';
import { GuestShell } from '../e2e/support/guest.js';
import { instance, untilPhase, type InstanceSpec } from '../e2e/support/machines.js';

/* The program that answers in a guest, and how it gets there. */

const PEER = fileURLToPath(new URL('network-peer/main.go', import.meta.url));
export const buildPeer = (): Buffer => {
  const directory = mkdtempSync(join(tmpdir(), 'network-peer-'));
  try {
    const built = join(directory, 'peer');
    const env = { ...process.env, CGO_ENABLED: '0', GO111MODULE: 'off', GOOS: 'linux', GOARCH: 'amd64' };
    execFileSync('go', ['build', '-ldflags=-s -w', '-o', built, PEER], { env });
    return gzipSync(readFileSync(built), { level: 9 });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

export const peerConfigMap = (namespace: string): KubernetesObject & { readonly binaryData: object } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'peer', namespace },
  binaryData: { peer: buildPeer().toString('base64') },
});

const withPeer = (spec: InstanceSpec): InstanceSpec => {
  spec.domain.devices.disks?.push({ name: 'peer', disk: { bus: 'virtio' } });
  return {
    ...spec,
    terminationGracePeriodSeconds: 0,
    volumes: [...(spec.volumes ?? []), { name: 'peer', configMap: { name: 'peer' } }],
  };
};

/** What a guest's shell does with a program that it has unpacked. */
export const RUN_PEER = 'chmod +x /run/peer; (/run/peer < /dev/null > /run/peer.log 2>&1 &) ; true';

/** A guest of the test bed in which the program answers; its ConfigMap is there. */
export const bootWithPeer = async (namespace: string, name: string, spec: InstanceSpec): Promise<GuestShell> => {
  await apply(instance(namespace, name, withPeer(spec)));
  await untilPhase(namespace, name, 'Running', 240);
  const shell = await GuestShell.open(namespace, name);
  await shell.run(`mount -o ro /dev/vdb /mnt && gunzip -c /mnt/peer > /run/peer && ${RUN_PEER}`);
  return shell;
};
