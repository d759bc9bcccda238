import { defineCommand } from '../command.js';
import { OBJECT_OUTPUT } from '../shared-flags.js';

const LISTED = { type: 'string', array: true, complete: [] } as const;
const TEXT = { type: 'string', complete: [] } as const;

export const command = defineCommand({
  name: 'create vm',
  group: 'Manifests, without a cluster',
  describe: 'Print the manifest of a virtual machine',
  arguments: {},
  flags: {
    name: { ...TEXT, describe: 'Name of the VM; otherwise vm- and five random letters' },
    'run-strategy': {
      type: 'string',
      default: 'Always',
      describe: 'When it runs',
      choices: ['Always', 'Manual', 'Halted', 'Once', 'RerunOnFailure'],
    },
    'termination-grace-period': {
      type: 'number',
      default: 180,
      describe: 'Seconds that the guest has to power off',
      complete: ['180'],
    },
    memory: { ...TEXT, describe: 'Memory of the guest, such as 2Gi; 512Mi unless an instance type gives it' },
    instancetype: { ...TEXT, describe: '[KIND/]NAME of an instance type; of the cluster where no kind is named' },
    'infer-instancetype': { type: 'boolean', describe: 'Take the instance type that the boot volume names, or none' },
    'infer-instancetype-from': { ...TEXT, describe: 'Name of the volume that names the instance type' },
    preference: { ...TEXT, describe: '[KIND/]NAME of a preference; of the cluster where no kind is named' },
    'infer-preference': { type: 'boolean', describe: 'Take the preference that the boot volume names, or none' },
    'infer-preference-from': { ...TEXT, describe: 'Name of the volume that names the preference' },
    'volume-containerdisk': { ...LISTED, describe: 'src:IMAGE[,name:NAME][,bootorder:N]' },
    'volume-pvc': { ...LISTED, describe: 'src:CLAIM[,name:NAME][,bootorder:N]' },
    'volume-import': {
      ...LISTED,
      describe:
        'type:TYPE[,name:NAME][,size:SIZE], TYPE one of blank, gcs, http, imageio, pvc, registry, s3, snapshot, vddk, ds, with its url:URL or src:NAMESPACE/NAME',
    },
    'volume-sysprep': { ...LISTED, describe: 'src:NAME[,type:configmap|secret]' },
    'volume-datasource': { ...LISTED, describe: 'src:[NAMESPACE/]NAME; deprecated: --volume-import type:ds' },
    'volume-clone-pvc': { ...LISTED, describe: 'src:NAMESPACE/NAME; deprecated: --volume-import type:pvc' },
    'volume-blank': { ...LISTED, describe: 'size:SIZE; deprecated: --volume-import type:blank' },
    user: { ...TEXT, describe: "Name of the guest's user, for cloud-init" },
    'password-file': { type: 'string', describe: 'File with the password of that user', complete: 'file', stdin: true },
    'ssh-key': { ...LISTED, describe: 'Public key that may log in as that user' },
    'ga-manage-ssh': { type: 'boolean', describe: 'Let the guest agent write keys, where SELinux forbids it' },
    'access-cred': {
      ...LISTED,
      describe:
        'src:SECRET[,user:USER][,method:METHOD] for keys, METHOD one of ga, nocloud, configdrive; src:SECRET,type:password',
    },
    'cloud-init': {
      type: 'string',
      describe: 'How the guest gets its user data; nocloud unless a credential says configdrive',
      choices: ['nocloud', 'configdrive', 'none'],
    },
    'cloud-init-user-data': { ...TEXT, describe: 'User data in base64, instead of --user and its like' },
    'cloud-init-network-data': { ...TEXT, describe: 'Network data in base64' },
    output: OBJECT_OUTPUT,
  },
  examples: [
    ['create vm --volume-containerdisk=src:quay.io/disks/debian:13', 'From an image'],
    ['create vm --instancetype u1.medium --volume-pvc=src:db', 'Sized by an instance type'],
    ['create vm --volume-blank=size:9Gi --user me --password-file pw', 'An empty disk, and a user who may log in'],
  ],
  epilogue:
    'The manifest is what admission takes, by the defaults of an installation. Apply it: … | kubectl create -f -',
  run: async (io, flags) => (await import('../create/vm.js')).createVm(io, flags),
});
