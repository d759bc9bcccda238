import { accountName } from '../../../src/agent-api/token.js';
import { expansionOf } from '../../../src/admission/expansion.js';
import { originAnnotations } from '../../../src/instancetypes/expand.js';
import { admit } from '../../../src/admission/admit.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type {
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '../../../src/api/schema/kinds.js';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import { buildInstance } from '../../../src/controller/vm/instance.js';
import { CliError } from '../errors.js';
import { admissionContext, uuidOf } from './admission.js';
import type { Admitted } from './admission.js';
import { nameOf } from './findings.js';

/**
 * The instance that an object becomes, before it is admitted. @throws CliError for a KubeVirt object, which becomes
 * none
 */
export const asInstance = (
  { kind, object, instancetypes }: Pick<Admitted, 'kind' | 'object' | 'instancetypes'>,
  name: string,
  namespace: string,
  config: ClusterConfig,
): unknown => {
  switch (kind) {
    case 'VirtualMachineInstance':
      return object;
    case 'VirtualMachine': {
      const vm = object as VirtualMachine;
      const uid = uuidOf(`VirtualMachine ${namespace}/${name}`);
      const whole = { ...vm, metadata: { ...vm.metadata, name, namespace, uid } };
      const expansion = expansionOf(whole, namespace, { config, instancetypes });
      return buildInstance(expansion?.vm ?? whole, false, originAnnotations(expansion?.applied ?? {}));
    }
    case 'VirtualMachineInstanceReplicaSet': {
      const { metadata, spec } = (object as VirtualMachineInstanceReplicaSet).spec.template;
      return {
        apiVersion: 'kubevirt.io/v1',
        kind: 'VirtualMachineInstance',
        metadata: { ...metadata, name: `${name}-0` },
        spec,
      };
    }
    case 'KubeVirt':
      throw new CliError('a KubeVirt object has neither pod nor domain', { remedy: 'Use -o mutated for it.' });
  }
};

/** Who makes instances of other objects: the labels and the owner that they have nobody else may write. */
const CONTROLLER = { username: accountName(INSTALL_NAMESPACE, 'virt-controller') };

/**
 * The instance that an admitted object is or becomes, admitted itself, with the name, namespace and uid that it would
 * get from the API server (the uid is made from its name, so that the outcome is always the same).
 */
export const instanceOf = (
  admitted: Admitted,
  config: ClusterConfig,
  defaultNamespace: string,
): VirtualMachineInstance => {
  const source = admitted.manifest.object;
  const name = nameOf(source) === '' ? 'unnamed' : nameOf(source);
  const { namespace: own } = (source.metadata ?? {}) as { namespace?: string | null };
  const namespace = own ?? defaultNamespace;
  const seed = `${namespace}/${name}`;
  const request = { kind: 'VirtualMachineInstance', operation: 'CREATE' } as const;
  const { object, causes } = admit(
    { ...request, object: asInstance(admitted, name, namespace, config), user: CONTROLLER },
    admissionContext(config, seed),
  );
  if (causes.length > 0) {
    throw new CliError(
      `the instance of ${admitted.kind} ${name} is refused:\n${causes.map(({ message }) => message).join('\n')}`,
    );
  }
  const vmi = object as VirtualMachineInstance;
  return { ...vmi, metadata: { ...vmi.metadata, name: vmi.metadata?.name ?? name, namespace, uid: uuidOf(seed) } };
};
