import { stringify } from 'yaml';

/** What krew installs from: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/ */
export interface KrewArchive {
  /** Where the archive will be found. */
  readonly uri: string;
  readonly sha256: string;
  readonly version: string;
}

/** Systems whose `sh` starts the plugin. */
const SYSTEMS = ['linux', 'darwin'];

export const krewManifest = ({ uri, sha256, version }: KrewArchive): string =>
  stringify({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'virt' },
    spec: {
      version: `v${version}`,
      shortDescription: 'Run virtual machines on Kubernetes and reach them',
      description: [
        'Starts and stops virtual machines, opens their consoles, screens and ports, checks their manifests before they',
        'are applied, and says why one does not run.',
      ].join('\n'),
      caveats: 'Needs Node.js 20.19 or newer as "node" in PATH.',
      platforms: [
        {
          selector: { matchExpressions: [{ key: 'os', operator: 'In', values: SYSTEMS }] },
          uri,
          sha256,
          bin: 'bin/kubectl-virt',
          files: [{ from: '*', to: '.' }],
        },
      ],
    },
  });
