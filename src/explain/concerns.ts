/** The groups in which documentation lists the rules, in order, and the first parts of the ids that belong to each. */
export const CONCERNS: readonly { readonly title: string; readonly prefixes: readonly string[] }[] = [
  { title: 'Shape of the object', prefixes: ['schema', 'field'] },
  { title: 'Names, DNS and metadata', prefixes: ['id', 'dns', 'meta', 'tpl'] },
  { title: 'Memory', prefixes: ['mem'] },
  { title: 'CPU', prefixes: ['cpu', 'pin'] },
  {
    title: 'Machine, firmware, clock and start',
    prefixes: ['arch', 'machine', 'fw', 'clock', 'start', 'reboot', 'eviction', 'iothreads'],
  },
  { title: 'Launch security and Hyper-V', prefixes: ['ls', 'hv'] },
  { title: 'Scheduling', prefixes: ['aff', 'tsc', 'toleration', 'sched'] },
  { title: 'Probes and access credentials', prefixes: ['probe', 'ac'] },
  { title: 'Virtlet annotations', prefixes: ['ann'] },
  {
    title: 'Devices',
    prefixes: ['dev', 'pci', 'input', 'video', 'sound', 'panic', 'serial', 'vsock', 'hostdev', 'gpu', 'dm', 'fs'],
  },
  { title: 'Resource claims and Grace devices', prefixes: ['dra', 'grace'] },
  { title: 'Networks', prefixes: ['net', 'if', 'iface'] },
  { title: 'Disks', prefixes: ['disk', 'pr'] },
  { title: 'Volumes and cloud-init', prefixes: ['vol', 'map', 'ci'] },
  { title: 'VirtualMachines', prefixes: ['vm', 'dvt', 'vr'] },
  { title: 'Replica sets', prefixes: ['rs'] },
  { title: 'Updates of VMIs', prefixes: ['upd'] },
  { title: 'The KubeVirt object', prefixes: ['kv'] },
  { title: 'Defaults', prefixes: ['mut'] },
];

/** The group of all warnings, whose ids have no dots. */
export const WARNINGS_CONCERN = 'Warnings';

/** The title of the group of an id, by what stands before its first dot. A test demands that every id has one. */
export const concernOf = (id: string): string => {
  const [prefix = ''] = id.split('.');
  return CONCERNS.find(({ prefixes }) => prefixes.includes(prefix))?.title ?? 'Others';
};
