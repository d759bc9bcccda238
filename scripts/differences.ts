import { isQuantity, parseQuantity } from '../src/api/quantity.js';
import { shownBy, type Difference, type Discrepancy } from './difference.js';
import { LATER_DIFFERENCES } from './later-differences.js';
import { RENDERED_DIFFERENCES } from './rendered-differences.js';

/*
 * Where this project differs from KubeVirt on purpose: the one list from which docs/differences.md is made and against
 * which the tests hold every difference that a case shows. What is not here is a defect; what is here and shows in no
 * case is, too.
 */

type Of<Kind extends Discrepancy['kind']> = Extract<Discrepancy, { kind: Kind }>;

const more = (test: (discrepancy: Of<'more'>) => boolean) => (one: Discrepancy) => one.kind === 'more' && test(one);
const less = (test: (discrepancy: Of<'less'>) => boolean) => (one: Discrepancy) => one.kind === 'less' && test(one);
const defaults = (test: (discrepancy: Of<'default'>) => boolean) => (one: Discrepancy) =>
  one.kind === 'default' && test(one);
const either =
  (...tests: readonly Difference['explains'][]): Difference['explains'] =>
  (one) =>
    tests.some((test) => test(one));

/** A case in which KubeVirt’s own default of a bus is refused. */
const OWN_BUS = /^iothread-ded-nobus$|on the default bus/;

/** We refuse what the reference accepts or does not mention, by one of these rules. */
const byRule = (...rules: readonly string[]) => more(({ rule }) => rules.includes(rule));

/** The same mistake under another path. */
const moved = (theirs: RegExp, ours: RegExp): Difference['explains'] =>
  either(
    more((one) => ours.test(one.field) && one.theirs.some((field) => theirs.test(field))),
    less((one) => theirs.test(one.field) && one.ours.some(({ field }) => ours.test(field))),
  );

const isSchemaRule = (rule: string): boolean => rule.startsWith('schema.');

/** What Go writes for a field that nobody set. */
const isZeroValue = (value: unknown): boolean =>
  value === '' ||
  value === 0 ||
  value === '0' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

const isSameQuantity = (one: unknown, other: unknown): boolean =>
  isQuantity(one) && isQuantity(other) && parseQuantity(one).equals(parseQuantity(other));

const TEMPLATE_DEFAULT = /^spec\.template\.(metadata\.annotations|spec\.architecture|spec\.domain\.machine\.type)/;
const TRUE_PATH = 'the path must lead to what has to be changed';
const NO_START = 'the VM could not start, or not as asked';

export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'dvt.cdi',
    kubevirt: 'admits a DataVolume template that CDI refuses when the DataVolume is made of it: no size, no URL',
    here: 'refuses it at admission, by the rules `dvt.*`',
    why: 'the VM would wait for its disk, and nobody would be told',
    explains: byRule('dvt.size'),
  },
  {
    id: 'empty.absent',
    kubevirt:
      'refuses an empty list of utility volumes and an empty `reservedOverhead` while their gates are off, and `""` for `startStrategy` and `ioThreadsPolicy`',
    here: 'takes what asks for nothing for absent',
    why: 'consoles and converters write such things out',
    explains: less(({ name }) => /an empty (list of utility volumes|start strategy|I\/O threads policy)$/.test(name)),
  },
  {
    id: 'null.absent',
    kubevirt: 'refuses a field that is null, of which the API server has dropped most before',
    here: 'takes it for absent, also in a template and offline',
    why: 'the answer is the cluster’s: Helm charts leave `annotations:` with nothing behind it',
    explains: less(({ name }) => name.startsWith('null: ')),
  },
  {
    id: 'default.cpu-model',
    kubevirt: 'writes `cpu.model: host-model` (or the cluster’s `cpuModel`) into every VMI',
    here: 'writes no CPU model',
    why: 'it belongs to the node: the agent resolves it when it builds the domain',
    explains: defaults(({ field, ours }) => field.endsWith('.domain.cpu.model') && ours === undefined),
  },
  {
    id: 'default.quantities',
    kubevirt: 'writes every quantity again: `1024Mi` becomes `1Gi`, `0.5` becomes `500m`',
    here: 'keeps what the user wrote; a default that is copied from it is written alike',
    why: 'minimal patches: tools that compare a manifest with the cluster see no drift',
    explains: defaults(({ ours, theirs }) => isSameQuantity(ours, theirs)),
  },
  {
    id: 'default.zero-values',
    kubevirt: 'writes out fields that nobody set: `resources: {}`, `hostDisk.capacity: "0"`',
    here: 'does not',
    why: 'minimal patches',
    explains: defaults(({ ours, theirs }) => ours === undefined && isZeroValue(theirs)),
  },
  {
    id: 'default.negative-cpu',
    kubevirt: 'makes 4294967295 sockets of a CPU request of -1, and refuses the VMI',
    here: 'makes one socket of it, and refuses the VMI',
    why: 'a wrapped number is no default',
    explains: defaults(({ field, theirs }) => /\.cpu\.(maxS|s)ockets$/.test(field) && Number(theirs) > 2 ** 31),
  },
  {
    id: 'default.ppc64le',
    kubevirt: 'gives architecture ppc64le the machine type of amd64, and refuses the VMI',
    here: 'gives it `pseries`, its own, and refuses the VMI',
    why: 'the cluster’s settings have a machine type for it',
    explains: defaults(({ field, ours }) => field.endsWith('.machine.type') && ours === 'pseries'),
  },
  {
    id: 'default.bus',
    kubevirt:
      'gives a disk without a bus sata on amd64, and a CD-ROM without one virtio on arm64 and s390x, and then refuses what cannot be on that bus: a read-only disk, a PCI address, `dedicatedIOThread`, blocks of other than 512 bytes, downwardMetrics, a CD-ROM',
    here: 'gives such a disk virtio, and such a CD-ROM scsi',
    why: 'a default has to work',
    explains: either(
      defaults(({ name, field }) => OWN_BUS.test(name) && field.endsWith('.bus')),
      less(({ name }) => OWN_BUS.test(name)),
    ),
  },
  {
    id: 'default.lun-bus',
    kubevirt: 'gives a lun without a bus sata on amd64, virtio on arm64 and s390x, where libvirt and QEMU start no lun',
    here: 'gives it scsi',
    why: 'a default has to work',
    explains: defaults(({ field, ours }) => field.endsWith('.lun.bus') && ours === 'scsi'),
  },
  {
    id: 'default.finalizer-once',
    kubevirt: 'appends its finalizer even where it is there',
    here: 'adds it once',
    why: 'defaulting twice must change nothing',
    explains: defaults(({ field, ours }) => /^metadata\.finalizers\[\d+\]$/.test(field) && ours === undefined),
  },
  {
    id: 'default.status',
    kubevirt: 'keeps the rest of a status that is submitted with a new VMI',
    here: 'drops it',
    why: 'it would name nodes and pods that are not the VM’s',
    explains: defaults(({ field, ours }) => field.startsWith('status.') && ours === undefined),
  },
  {
    id: 'default.template',
    kubevirt:
      'writes architecture, machine type and an annotation into the template of a new VirtualMachine, besides UUID and serial number',
    here: 'writes UUID and serial number only; the VMI that is made of it has the rest',
    why: 'a manifest kept in git sees no drift; all else follows the cluster’s settings',
    explains: defaults(({ object, field }) => object === 'VirtualMachine' && TEMPLATE_DEFAULT.test(field)),
  },
  {
    id: 'schema.all-causes',
    kubevirt:
      'answers an object that does not fit the schema, or cannot be decoded, with that alone, and names no field',
    here: 'names the field, and says what else is wrong wherever the object can still be read',
    why: 'all causes at once',
    explains: more(({ theirs, accepted }) => !accepted && theirs.length === 0),
  },
  {
    id: 'field.no-memory',
    kubevirt: 'names no field when a VMI has no memory',
    here: 'names `$.domain.memory.guest`',
    why: TRUE_PATH,
    explains: byRule('mem.none'),
  },
  {
    id: 'field.data-volume-name',
    kubevirt: 'names `$.volumes[i].name`, which is there, when `dataVolume.name` is empty',
    here: 'names `$.volumes[i].dataVolume.name`',
    why: TRUE_PATH,
    explains: moved(/^spec\.volumes\[\d+\]\.name$/, /^spec\.volumes\[\d+\]\.dataVolume\.name$/),
  },
  {
    id: 'field.io-threads',
    kubevirt: 'names `$.domain.ioThreads.count`',
    here: 'names `$.domain.ioThreads.supplementalPoolThreadCount`',
    why: TRUE_PATH,
    explains: moved(/^spec\.domain\.ioThreads\.count$/, /^spec\.domain\.ioThreads\.supplementalPoolThreadCount$/),
  },
  {
    id: 'field.reservation',
    kubevirt: 'names `$.domain.devices.disks.luns.reservation`',
    here: 'names `$.domain.devices.disks[i].lun.reservation` of each',
    why: TRUE_PATH,
    explains: moved(/\.disks\.luns\.reservation$/, /\.disks\[\d+\]\.lun\.reservation$/),
  },
  {
    id: 'field.interface-boot-order',
    kubevirt: 'names `$[i].bootOrder`',
    here: 'names `$.domain.devices.interfaces[i].bootOrder`',
    why: TRUE_PATH,
    explains: moved(/^spec\[\d+\]\.bootOrder$/, /\.interfaces\[\d+\]\.bootOrder$/),
  },
  {
    id: 'field.pod-networks',
    kubevirt: 'names `$.interfaces` when several networks are the pod’s',
    here: 'names `$.networks[i].pod` of each but the first',
    why: TRUE_PATH,
    explains: moved(/^spec\.interfaces$/, /^spec\.networks\[\d+\]\.pod$/),
  },
  {
    id: 'field.huge-pages',
    kubevirt:
      'names `$.domain.resources.requests.memory`, which may not be there, when memory is no multiple of the page size',
    here: 'names the amount that counts: the request, else `$.domain.memory.guest`, else the limit',
    why: TRUE_PATH,
    explains: moved(/\.resources\.requests\.memory$/, /\.memory\.guest$/),
  },
  {
    id: 'field.threads',
    kubevirt:
      'names `$.domain.cpu.dedicatedCpuPlacement`, on arm64 `$.architecture`, when dedicated CPUs cannot have so many threads',
    here: 'names `$.domain.cpu.threads`',
    why: TRUE_PATH,
    explains: moved(/^spec\.(architecture|domain\.cpu\.dedicatedCpuPlacement)$/, /\.domain\.cpu\.threads$/),
  },
  {
    id: 'field.binding',
    kubevirt: 'names the interface’s `name` when the cluster does not permit its binding',
    here: 'names `bridge` or `passtBinding`',
    why: TRUE_PATH,
    explains: moved(/\.interfaces\[\d+\]\.name$/, /\.interfaces\[\d+\]\.(bridge|passtBinding)$/),
  },
  {
    id: 'field.default-network',
    kubevirt: 'names the network that it made itself when the cluster’s default binding does not exist',
    here: 'names `$.domain.devices.interfaces`, which has to be written',
    why: TRUE_PATH,
    explains: moved(/^spec\.networks\[0\]\.name$/, /^spec\.domain\.devices\.interfaces$/),
  },
  {
    id: 'field.run-strategy',
    kubevirt: 'names `spec.running` when a VirtualMachine has neither that nor a run strategy',
    here: 'names `spec.runStrategy`',
    why: '`running` is deprecated',
    explains: moved(/^spec\.running$/, /^spec\.runStrategy$/),
  },
  {
    id: 'field.max-guest',
    kubevirt: 'names `memory.guest` when memory hotplug cannot reach `memory.maxGuest`',
    here: 'names `memory.maxGuest`',
    why: 'without it there is no hotplug and nothing wrong',
    explains: moved(/\.memory\.guest$/, /\.memory\.maxGuest$/),
  },
  {
    id: 'once.pinned-memory',
    kubevirt: 'refuses dedicated CPUs without any memory twice',
    here: 'says once that there is no memory',
    why: 'one mistake, one cause',
    explains: less(
      ({ field, ours }) => field.endsWith('.resources.limits.memory') && ours.some(({ rule }) => rule === 'mem.none'),
    ),
  },
  {
    id: 'once.negative-cpu-limit',
    kubevirt: 'refuses a negative CPU limit twice: as the limit, and as the request that it was copied to',
    here: 'refuses the limit',
    why: 'one mistake, one cause',
    explains: less(
      ({ field, ours }) =>
        field.endsWith('.resources.requests.cpu') && ours.some(({ rule }) => rule === 'cpu.limit-negative'),
    ),
  },
  {
    id: 'once.pinned-cpu',
    kubevirt:
      'refuses a fraction of a CPU with dedicated CPUs, and a request above the limit, once more: as the request that a limit was copied to, and as request and limit that differ',
    here: 'refuses the fraction, or the request',
    why: 'one mistake, one cause',
    explains: less(
      ({ field, ours }) =>
        /\.(requests\.cpu|dedicatedCpuPlacement)$/.test(field) &&
        ours.some(({ rule }) => /^(pin\.(request|limit)-integer|cpu\.request-over-limit)$/.test(rule)),
    ),
  },
  {
    id: 'field.namespaces',
    kubevirt: 'names `namespace` in a term of pod affinity',
    here: 'names `namespaces[i]`',
    why: TRUE_PATH,
    explains: moved(/\.namespace$/, /\.namespaces\[\d+\]$/),
  },
  {
    id: 'field.port-ranges',
    kubevirt: 'names the interface’s `name` when its `portRanges` cannot be',
    here: 'names `portRanges`',
    why: TRUE_PATH,
    explains: moved(/\.interfaces\[\d+\]\.name$/, /\.interfaces\[\d+\]\.portRanges$/),
  },
  {
    id: 'once.evmcs',
    kubevirt: 'asks for the CPU feature vmx, too, where evmcs lacks vapic: its own default stopped there',
    here: 'says that evmcs needs vapic',
    why: 'one mistake, one cause',
    explains: less(
      ({ field, ours }) => field.endsWith('.cpu.features') && ours.some((one) => one.field.endsWith('.evmcs')),
    ),
  },
  {
    id: 'once.gone-binding',
    kubevirt: 'refuses a binding that is discontinued three times where its feature gate is listed',
    here: 'refuses it once, and says that the gate does nothing',
    why: 'one mistake, one cause',
    ...shownBy(
      'test/unit/validators/one-cause.test.ts',
      'a discontinued binding: that its gate does nothing, where it is listed',
    ),
  },
  {
    id: 'once.downward-metrics-lun',
    kubevirt: 'refuses downwardMetrics that are a lun twice',
    here: 'says once that they must be a disk',
    why: 'one mistake, one cause',
    explains: less(({ field, ours }) => field.endsWith('.lun') && ours.some(({ rule }) => rule === 'disk.dm-target')),
  },
  {
    id: 'less.ephemeral-lun',
    kubevirt: 'refuses an `ephemeral` claim as a lun',
    here: 'accepts it; the guest gets an ordinary disk, its owner the event `LunNotSupportedForFile`',
    why: 'KubeVirt’s own documentation has it as an example',
    explains: less(({ name, field }) => name.includes('lun of an ephemeral') && field.endsWith('.lun')),
  },
  {
    id: 'less.underscore',
    kubevirt: 'refuses `_` in the name of a disk',
    here: 'accepts it',
    why: 'the manifests of KubeVirt’s own documentation have such names; the launcher translates them',
    explains: less(({ name, field }) => name.includes('underscore') && field.endsWith('.name')),
  },
  {
    id: 'more.multiqueue',
    kubevirt: 'makes the queues of `blockMultiQueue` from the topology, and refuses nothing',
    here: 'refuses it without a CPU request or limit, also beside a topology; with one, each virtio disk has a queue per vCPU',
    why: 'queues are served by CPU that the pod has, and a topology requests little of it: one of the rules that this project began with',
    explains: byRule('disk.multiqueue-cpu'),
  },
  {
    id: 'more.empty-claim',
    kubevirt: 'accepts a `persistentVolumeClaim` without a claim name',
    here: 'refuses it',
    why: NO_START,
    explains: more(
      ({ field, rule }) =>
        field.endsWith('.persistentVolumeClaim.claimName') && (rule === 'vol.claim-name' || isSchemaRule(rule)),
    ),
  },
  {
    id: 'more.pin-overcommit',
    kubevirt: 'accepts dedicated CPUs with an overcommitted overhead',
    here: 'refuses them, and a pool of more than 256',
    why: NO_START,
    explains: byRule('pin.overcommit'),
  },
  {
    id: 'more.claim-readonly',
    kubevirt: 'accepts a `persistentVolumeClaim` that is `readOnly` with a disk that is written',
    here: 'refuses it',
    why: NO_START,
    explains: byRule('vol.claim-readonly'),
  },
  {
    id: 'more.empty-image',
    kubevirt: 'accepts a `containerDisk` of an empty image',
    here: 'refuses it',
    why: NO_START,
    explains: byRule('vol.container-image'),
  },
  {
    id: 'more.image-reference',
    kubevirt: 'accepts any text as an image: `docker://quay.io/a`, capital letters, spaces',
    here: 'refuses what cannot be the name of an image, and says what to write',
    why: NO_START,
    explains: byRule('vol.image-reference', 'fw.kernel-image-reference'),
  },
  {
    id: 'more.container-path',
    kubevirt: 'accepts the path `//` in an image',
    here: 'refuses it, like `/`',
    why: NO_START,
    explains: byRule('disk.container-path'),
  },
  {
    id: 'more.volume-source',
    kubevirt:
      'accepts disk sizes of zero, an `ephemeral` or `sysprep` volume of nothing, labels of images of any length, and files of a `downwardAPI` that no pod can have',
    here: 'wants 1 MiB to 2 PiB of an `emptyDisk` and of a `hostDisk` that is created, a claim of `ephemeral`, one named source of `sysprep`, a `volumeLabel` of at most 32 characters, and a path and one source of each file',
    why: NO_START,
    explains: byRule(
      ...['vol.empty-capacity', 'vol.hostdisk-size', 'vol.ephemeral-claim', 'vol.sysprep-source'],
      ...['vol.configmap-label', 'vol.secret-label', 'vol.downwardapi-label', 'vol.downward-field'],
    ),
  },
  {
    id: 'more.clock',
    kubevirt: 'accepts any clock',
    here: 'wants one offset, a time zone that exists, and tick policies, tracks and timers that libvirt takes',
    why: 'the domain would be refused, or the guest would silently have UTC',
    explains: more(({ rule }) => rule.startsWith('clock.')),
  },
  {
    id: 'more.firmware',
    kubevirt:
      'accepts any firmware UUID, serial number and text about the chassis, and a BIOS on a serial console that the VM has not',
    here: 'wants a UUID in its usual form, not all zeros or ones, at most 256 printable bytes, and the console',
    why: 'libvirt or QEMU would refuse it, or the guest see none',
    explains: byRule('fw.uuid', 'fw.serial', 'fw.chassis', 'fw.bios-serial'),
  },
  {
    id: 'more.machine',
    kubevirt:
      'accepts any machine type that matches `emulatedMachines`; libvirt refuses the start where it has none such',
    here: "wants one of the launcher's QEMU, with room for the vCPUs; one of another version or vendor (`pc-q35-rhel9.4.0`) becomes the nearest, with a warning",
    why: 'the launcher image brings its own QEMU, and manifests exported from OpenShift name that of another',
    explains: byRule('machine.unknown', 'cpu.machine-vcpus'),
  },
  {
    id: 'more.cpu-names',
    kubevirt: 'accepts any name of a CPU model or feature, and a feature twice',
    here: "wants names that the launcher's libvirt and QEMU have, and each feature once",
    why: 'libvirt refuses the start, or the pod waits for ever for a node that has the model',
    explains: byRule('cpu.model', 'cpu.feature-name', 'cpu.feature-twice', 'cpu.apic'),
  },
  {
    id: 'more.boot',
    kubevirt:
      'accepts an initrd without a kernel, kernel arguments of any length with any characters, UEFI while ACPI is switched off, and secure boot on a machine that is not a q35',
    here: 'refuses them',
    why: 'QEMU or libvirt refuses the start',
    explains: byRule('fw.kernel-initrd', 'fw.kernel-args-text', 'fw.efi-acpi', 'fw.secureboot-machine'),
  },
  {
    id: 'more.addresses',
    kubevirt: 'looks at the form of PCI and MAC addresses alone, and at a serial number of 256 characters on every bus',
    here: 'refuses a PCI address at which a q35 has no place, an address twice, a MAC address of a group or of nobody, an ACPI index below 0, above 16383 or twice, and a serial number of more than 36 characters on scsi or 20 on usb',
    why: 'libvirt or QEMU refuses the start',
    explains: byRule('pci.place', 'pci.twice', 'if.mac', 'if.mac-unique', 'if.acpi-index', 'disk.serial-length'),
  },
  {
    id: 'more.networks',
    kubevirt:
      'accepts any text as the name of a Multus network, `dhcpOptions` of any length, `dhcpOptions` where passt answers, and every registered binding plugin',
    here: 'wants `name` or `namespace/name`, texts of at most 255 bytes and 1,024 in all, no `passtBinding` or binding plugin beside `dhcpOptions`, and binding plugins of type `tap` or `managedTap` alone, without sidecar and attachment of their own, on networks of Multus',
    why: 'Multus would keep the pod from starting; the guest would get an answer that is cut off, or none of the options',
    explains: byRule('net.multus-name-format', 'if.dhcp-length', 'if.dhcp-passt', 'if.binding-plugin'),
  },
  {
    id: 'more.cache',
    kubevirt:
      'accepts native I/O beside a cache of the host, a cache for a shareable disk, a shareable overlay, two panic devices of one model, and a pool of any number of I/O threads',
    here: 'refuses them, and a pool of more than 256',
    why: 'libvirt refuses the start, or KubeVirt its own domain',
    explains: byRule(
      'disk.io-cache',
      'disk.shareable-cache',
      'disk.shareable-source',
      'panic.twice',
      'iothreads.pool-count',
    ),
  },
  {
    id: 'more.filesystem',
    kubevirt:
      'accepts file systems of any name, of no volume, of a volume without files, twice, and of a claim that is a disk of the same VM',
    here: 'refuses them',
    why: 'the pod could not be made, the guest not mount them, or write into the image of its own disk',
    explains: byRule('fs.name-unique', 'fs.no-volume', 'fs.source', 'fs.also-disk', 'fs.name-length'),
  },
  {
    id: 'more.serial-log',
    kubevirt: 'accepts `logSerialConsole: true` of a VM without a serial console',
    here: 'refuses it',
    why: 'nothing would be logged',
    explains: byRule('serial.log'),
  },
  {
    id: 'more.pod',
    kubevirt: 'does not look at what it hands on to the pod',
    here: 'holds tolerations, `nodeSelector`, priority class and scheduler names, `minDomains`, `matchLabelKeys`, values of node affinity and annotations that mean something on pods to Kubernetes’ own rules',
    why: 'the pod would be refused, or never be scheduled',
    explains: byRule(
      'toleration.no-key',
      'toleration.key',
      'toleration.value',
      'toleration.seconds',
      'sched.node-selector',
      'sched.priority-class',
      'sched.scheduler-name',
      'tsc.min-domains',
      'tsc.label-keys',
      'aff.pod-label-keys',
      'aff.expr-value',
      'meta.pod-annotations',
      'meta.annotations-size',
    ),
  },
  {
    id: 'more.grace-period',
    kubevirt: 'accepts any grace period',
    here: 'wants 0 to 2147483647 s',
    why: 'kubelet overflows beyond 292 years and kills at once',
    explains: byRule('sched.grace-period'),
  },
  {
    id: 'more.probe',
    kubevirt:
      'accepts probes of ports, commands, delays and thresholds that cannot be, and an access credential of an empty Secret name',
    here: 'refuses them, and a pool of more than 256',
    why: 'the guest could not be probed, the pod not be made',
    explains: byRule(
      'probe.port',
      'probe.command',
      'probe.command-text',
      'probe.delay',
      'probe.liveness-success',
      'ac.secret-name',
    ),
  },
  {
    id: 'more.volume-name',
    kubevirt: 'accepts a volume that only a file system uses under any name',
    here: 'refuses a name that is no DNS label',
    why: 'a volume of the pod gets the name: the VM could not start',
    explains: byRule('vol.name-label'),
  },
  {
    id: 'more.guest-memory',
    kubevirt: 'accepts guest memory of zero and less, and of a few bytes: `guest: 4096`',
    here: 'refuses it, and says to write a unit',
    why: 'the VM could not start, or no guest boot in it',
    explains: byRule('mem.guest-positive', 'mem.guest-min'),
  },
  {
    id: 'more.vcpus',
    kubevirt: 'accepts any number of vCPUs',
    here: 'refuses more than 4096, and without KVM (`useEmulation`) more than 255',
    why: NO_START,
    explains: byRule('cpu.vcpus'),
  },
  {
    id: 'more.page-size',
    kubevirt: 'accepts huge pages of a negative size or of a few bytes, and crashes at size zero',
    here: 'refuses all of them',
    why: NO_START,
    explains: byRule('mem.hugepages-format'),
  },
  {
    id: 'more.page-size-amd64',
    kubevirt: 'accepts huge pages of any size from 64Ki on, and huge pages in requests and limits beside them',
    here: 'refuses sizes that no amd64 node has, and `hugepages-…` in requests or limits',
    why: 'the VM would wait for ever, or hold pages that no guest uses',
    explains: byRule('mem.hugepages-size', 'mem.hugepages-resource'),
  },
  {
    id: 'more.memory-lock',
    kubevirt: 'accepts `memLock: Required` of memory that is overcommitted',
    here: 'refuses it',
    why: 'locked memory is there from the start: the node must have set all of it aside',
    explains: byRule('mem.lock-overcommit'),
  },
  {
    id: 'more.realtime-mask',
    kubevirt: 'accepts any realtime mask, and NUMA passthrough beside a whole CPU of the annotation’s',
    here: 'refuses a mask that is no list of the VM’s vCPUs, and the two together',
    why: NO_START,
    explains: byRule('cpu.realtime-mask', 'cpu.numa-setting'),
  },
  {
    id: 'more.replicas',
    kubevirt: 'accepts a negative number of replicas',
    here: 'refuses it',
    why: 'it is a mistake',
    explains: byRule('rs.replicas'),
  },
  {
    id: 'more.template-metadata',
    kubevirt: 'accepts labels and annotations of a template that no object can have',
    here: 'refuses them, and a pool of more than 256',
    why: NO_START,
    explains: byRule('tpl.labels', 'tpl.annotations'),
  },
  {
    id: 'more.data-volume-templates',
    kubevirt: 'accepts two DataVolume templates of one name, and one with both source and sourceRef',
    here: 'refuses them, and a pool of more than 256',
    why: 'the DataVolume could not be made',
    explains: byRule('dvt.name-unique', 'dvt.source'),
  },
  {
    id: 'more.receiver',
    kubevirt: 'accepts the run strategy `WaitAsReceiver`, unless its feature gate is off',
    here: 'refuses it',
    why: 'this version receives no VM from another cluster',
    explains: byRule('vm.run-receiver'),
  },
  {
    id: 'more.requests',
    kubevirt: 'acts on volume requests and memory dumps in the status of a VirtualMachine',
    here: 'refuses them, unless they are stored already',
    why: 'nothing would act on them',
    ...shownBy('test/unit/admission/updates.test.ts', 'may not ask for what nothing does, unless it is stored already'),
  },
  {
    id: 'more.settings',
    kubevirt: 'checks few settings of the KubeVirt object',
    here: 'checks each that is read, and refuses each that is not',
    why: 'a wrong one would show at the next start of some VM',
    ...shownBy('test/unit/admission/kubevirt.test.ts', 'gets a refusal for each setting that nothing reads'),
  },
  {
    id: 'settings.config-map',
    kubevirt:
      'used to read settings from the ConfigMap `kubevirt-config`, such as `pvc-tolerate-less-space-up-to-percent`, and has dropped it',
    here: 'reads the KubeVirt object alone (`developerConfiguration.pvcTolerateLessSpaceUpToPercent`)',
    why: 'a ConfigMap is checked by nobody, and two places for one setting leave open which counts',
    ...shownBy('test/integration/agent/claims.test.ts', 'goes by the cluster’s settings'),
  },
  {
    id: 'more.template',
    kubevirt:
      'checks a template before it is wholly defaulted, and without the rules of architecture, Hyper-V and metadata',
    here: 'gives it every rule of a VMI',
    why: 'errors at `kubectl apply`, not at the start',
    explains: more(
      ({ object, accepted, rule }) =>
        object !== 'VirtualMachineInstance' && accepted && !/^(rs|dvt|vm|tpl)\./.test(rule),
    ),
  },
  ...LATER_DIFFERENCES,
  ...RENDERED_DIFFERENCES,
];
