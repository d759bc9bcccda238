import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { volumeLabel } from './volume-label.js';
import { SECRET_MODE, type Parts, type PodVolumeContent, type Subject } from './volume-parts.js';

/*
 * Volumes that become the files of an image: kubelet mounts them in compute, the agent makes the image of what is there
 * when the VM starts. Source: docs/reference/domain.md §5.4.
 */

/**
 * An API token in a guest: a VM does not renew what it was given, so it has to last. Kubernetes cuts it to its own
 * maximum.
 */
const TOKEN_SECONDS = 365 * 24 * 3600;

const content = ({ volume, paths }: Subject, source: PodVolumeContent): Parts[] => {
  const name = volumeLabel('volume', volume.name);
  return [{ volume: { name, ...source }, mount: { name, mountPath: paths.content(volume.name), readOnly: true } }];
};

const optionally = (optional: boolean | undefined) => (optional === undefined ? {} : { optional });

const ofConfigMap = (name = '', optional?: boolean): PodVolumeContent => ({
  configMap: { name, ...optionally(optional) },
});
const ofSecret = (secretName = '', optional?: boolean): PodVolumeContent => ({
  secret: { secretName, defaultMode: SECRET_MODE, ...optionally(optional) },
});

export const configMap = (subject: Subject): Parts[] => {
  const { configMap: source } = subject.volume;
  return content(subject, ofConfigMap(source?.name, source?.optional));
};

export const secret = (subject: Subject): Parts[] => {
  const { secret: source } = subject.volume;
  return content(subject, ofSecret(source?.secretName, source?.optional));
};

export const sysprep = (subject: Subject): Parts[] => {
  const { sysprep: source } = subject.volume;
  return content(subject, source?.secret ? ofSecret(source.secret.name) : ofConfigMap(source?.configMap?.name));
};

/** The pod's own fields: its labels and annotations are the VMI's and some more. */
export const downwardAPI = (subject: Subject): Parts[] =>
  content(subject, { downwardAPI: { items: subject.volume.downwardAPI?.fields ?? [] } });

/**
 * What Kubernetes would mount by itself, but only where it is asked for: the pod's containers have no business with the
 * API, and the guest gets a token that outlives the hour of the usual one. It ends with the pod at the latest.
 */
export const serviceAccount = (subject: Subject): Parts[] =>
  content(subject, {
    projected: {
      defaultMode: SECRET_MODE,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
        // Optional: clusters before Kubernetes 1.20 do not publish it.
        { configMap: { name: 'kube-root-ca.crt', optional: true, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  });

/**
 * The account that the pod runs as: the VMI's own setting, or the account of its volume; admission sees to it that they
 * agree.
 */
export const serviceAccountName = ({
  serviceAccountName: name,
  volumes = [],
}: VirtualMachineInstance['spec']): string | undefined =>
  name || volumes.find((volume) => volume.serviceAccount)?.serviceAccount?.serviceAccountName || undefined;
