/** What differs between the versions of Kubernetes' programs that the test bed runs, 1.20 to 1.36. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { KUBERNETES_BIN } from './settings.js';

/** The minor version in what a program of Kubernetes says of itself, as `Kubernetes v1.31.2`. */
export const minorOf = (text: string): number => {
  const minor = /\bv1\.(\d+)\./.exec(text)?.[1];
  if (minor === undefined) throw new Error(`no version of Kubernetes 1 in ${JSON.stringify(text.slice(0, 80))}`);
  return Number(minor);
};

/** Of the programs in {@link KUBERNETES_BIN}; they are all of one version. */
export const kubernetesMinor = (): number =>
  minorOf(execFileSync(path.join(KUBERNETES_BIN, 'kubelet'), ['--version'], { encoding: 'utf8' }));

/** Controller manager and scheduler: until 1.21 they serve without TLS too unless this says no. Gone in 1.24. */
export const noInsecurePort = (minor: number): { port?: '0' } => (minor < 22 ? { port: '0' } : {});

/** How kubelet finds the runtime: flags, and what is in its file. */
export const runtimeOf = (minor: number, socket: string): { flags: string[]; config: Record<string, unknown> } => {
  const endpoint = `unix://${socket}`;
  return {
    flags: [
      // Until 1.23 it is Docker otherwise; unknown from 1.27 on.
      ...(minor < 24 ? ['--container-runtime=remote'] : []),
      // A flag until the file has it.
      ...(minor < 27 ? [`--container-runtime-endpoint=${endpoint}`] : []),
    ],
    config: {
      ...(minor < 27 ? {} : { containerRuntimeEndpoint: endpoint }),
      // From 1.35 on kubelet ends on a machine with cgroup v1 unless this says no; before 1.31 it does not know it.
      ...(minor < 31 ? {} : { failCgroupV1: false }),
    },
  };
};
