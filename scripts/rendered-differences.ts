import { shownBy, type Difference } from './difference.js';

/**
 * Differences of what a VM becomes: the libvirt domain, and the pod. The reference's domains and pods are not recorded,
 * so each row names the test that holds our side of it.
 */

const DOMAIN = 'test/unit/domain/reference-differences.test.ts';
const POD = 'test/unit/launcher/reference-differences.test.ts';

const inDomain = (id: string, title: string, kubevirt: string, here: string, why: string): Difference => ({
  id: `domain.${id}`,
  kubevirt,
  here,
  why,
  ...shownBy(DOMAIN, title),
});
const inPod = (id: string, title: string, kubevirt: string, here: string, why: string): Difference => ({
  id: `pod.${id}`,
  kubevirt,
  here,
  why,
  ...shownBy(POD, title),
});

export const RENDERED_DIFFERENCES: readonly Difference[] = [
  inDomain(
    'nested',
    'no nested virtualization by default',
    'gives a VM without a CPU model the host’s, with nested virtualization where the node has it',
    'gives it the host’s without `vmx` and `svm`; list the feature, or write `VirtletCPUModel: host-model`, to have it',
    'a guest that does not need it has less to attack',
  ),
  inDomain(
    'maximum',
    'cpu.model maximum is a mode',
    'takes `cpu.model: maximum` for the name of a model, which libvirt does not know',
    'gives the guest all that the host and QEMU have',
    'libvirt has a mode of that name',
  ),
  inDomain(
    'smm',
    'SMM that is switched off is off',
    'writes nothing for `features.smm.enabled: false`, and QEMU then has SMM on q35',
    'switches it off',
    'what is asked for has an effect',
  ),
  inDomain(
    'eoi',
    'APIC end of interrupt is passed on',
    'ignores `features.apic.endOfInterrupt`',
    'passes it on',
    'what is asked for has an effect',
  ),
  inDomain(
    'cdrom-serial',
    'a CD-ROM has its serial number',
    'drops the `serial` of a CD-ROM and a lun',
    'gives it to a CD-ROM, and to a lun that is an ordinary disk here; a real lun has its device’s, with an event',
    'what is asked for has an effect',
  ),
  inDomain(
    'cdrom-usb',
    'a CD-ROM on USB has a controller',
    'makes no USB controller for a CD-ROM on bus usb, so that the VM does not start',
    'makes one',
    'what is admitted has to start',
  ),
  inDomain(
    'hyperv-emulated',
    'an emulated guest starts without Hyper-V features',
    'passes Hyper-V features to an emulated guest, which QEMU refuses to start',
    'leaves them out, with the event `HypervUnavailable`',
    'what is admitted has to start',
  ),
  inDomain(
    'io-threads',
    'I/O threads go by the topology and virtio disks',
    'counts the CPUs of `ioThreadsPolicy: auto` from requests and limits, and disks of every bus',
    'counts them from the topology, and virtio disks only',
    'its own user guide’s example comes out so, and no other disk can have a thread',
  ),
  inDomain(
    'io-thread-pins',
    'all I/O threads are pinned to an isolated emulator',
    'pins the first I/O thread to the CPU of an isolated emulator',
    'pins all of them',
    'the vCPUs are to be left alone',
  ),
  inDomain(
    'hotplug-room',
    'no room is kept for hot-plug',
    'leaves room for hot-plug: sockets up to `maxSockets`, memory up to `maxGuest`, spare PCI ports and interfaces, a SCSI controller',
    'has what the VM has; `maxSockets` and `maxGuest` that somebody wrote get the warning W-HOT-1',
    'nothing uses it yet, and it costs the guest: 64 MiB as soon as memory above 4 GiB may come (measured with Linux)',
  ),
  inDomain(
    'root-complex',
    'devices on the root complex pass over slots that are taken',
    'under `placePCIDevicesOnRootComplex` gives out slots that `pciAddress` took already, fails without a free one, and reserves the wrong slots on machine types without PCI Express',
    'passes over them, puts what finds no room behind ports with the event `RootComplexFull`, and leaves such machine types to libvirt',
    'what is admitted has to start',
  ),
  inDomain(
    'hole64',
    'the 64-bit hole of a machine of one bus',
    'under `disablePCIHole64` writes the controller of q35 whatever the machine type is',
    'writes the one that the machine type has',
    'what is admitted has to start',
  ),
  inDomain(
    'console-log',
    'the serial console is not logged unless the VM asks for it',
    'logs the serial console to a file that a container of the pod prints, unless told otherwise',
    'logs it only with `logSerialConsole: true`',
    'a container per VM that most do not read',
  ),
  inDomain(
    'pod-network',
    'the card of a bridge has the same address at every start',
    'bridges a guest under `bridge` to the pod’s interface and takes the address from that, so that its card has the MAC address of the pod, another at every start, and no IPv6 by DHCP',
    'routes: the guest has the addresses of its pod, IPv6 too, and every port; its card keeps its own MAC address, and broadcasts and multicast end at the pod',
    'guests tie their network settings to the card’s address (cloud-init does); a spoofed frame cannot reach the network of the pods ([ADR 21](adr/0021-pod-network-by-tap.md))',
  ),
  inDomain(
    'translation-cache',
    'an emulated guest has a translation cache of 96 MiB',
    'leaves QEMU’s cache of translated code at an eighth of the node’s memory, up to 1 GiB',
    'gives it 96 MiB, and counts them in the pod’s memory',
    'a pod that is not charged for it is killed',
  ),
  inPod(
    'guaranteed',
    'is Guaranteed where memory is limited to its request',
    'makes a VM Guaranteed only where CPU is limited to its request too',
    'also where CPU is not mentioned: the pod then requests, and is limited to, a CPU for each vCPU and I/O thread of a pool',
    'the user guide promises it of memory alone',
  ),
  inPod(
    'support-containers',
    'keeps every container of a Guaranteed pod at its limit',
    'gives the containers of images requests below their limits unless CPUs are dedicated or both amounts are written',
    'gives them equal ones in every Guaranteed pod',
    'one container that is not makes the pod Burstable',
  ),
  inPod(
    'overhead',
    'has an overhead of its own, from the guest’s memory',
    'reserves 240 MiB and more per VM for its processes, and page tables by the memory request',
    'reserves 86 MiB, 2 for a vCPU, and page tables by the guest’s memory',
    'that is what is needed here (measured)',
  ),
  inPod(
    'pool-threads',
    'has CPU for a pool’s threads under the pool’s policy only',
    'requests CPU for `supplementalPoolThreadCount` under every `ioThreadsPolicy`, and twice for the parity of emulator threads',
    'under `supplementalPool` only, once; elsewhere it gets the warning W-IOT-1',
    'under another policy there are no such threads',
  ),
  inPod(
    'devices',
    'asks for KVM, and for taps where it has one',
    'asks for /dev/vhost-net too, and so runs only on nodes that have it',
    'asks for /dev/kvm and /dev/net/tun; with the latter comes /dev/vhost-net where the node has it',
    'a guest runs without it, only its network is slower',
  ),
];
