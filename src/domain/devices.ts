import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { isSwitchedOn } from '../api/vmi/kubevirt-annotations.js';
import { otherAlias } from '../api/vmi/device-alias.js';
import { hasTpm } from '../api/vmi/devices.js';
import { efiBoot } from '../api/vmi/efi.js';
import { hugePages } from '../api/vmi/hugepages.js';
import { keepsTpm } from '../api/vmi/persistent-state.js';
import { logsSerialConsole } from '../api/vmi/serial-log.js';
import { busOf } from './device-names.js';
import type { DomainContext } from './domain-input.js';
import { isHypervPanic } from './hyperv.js';
import type { DomainNotice } from './notice.js';
import { element, type XmlElement } from './xml.js';
import { virtioModel } from './virtio.js';

/** KiB of the emulated display; also what a VM without graphics saves (docs/reference/density-and-cpu.md §6.1). */
const VIDEO_MEMORY = 16_384;

/** Whether anything hangs on USB: without it the controller is left out, which saves the guest a driver. */
const needsUsb = (vmi: VirtualMachineInstance): boolean => {
  const { inputs = [], disks = [] } = vmi.spec.domain.devices;
  const input = inputs.some(({ bus }) => bus === undefined || bus === '' || bus === 'usb');
  return input || disks.some((disk) => busOf(disk) === 'usb');
};

const needsScsi = (vmi: VirtualMachineInstance): boolean =>
  (vmi.spec.domain.devices.disks ?? []).some((disk) => busOf(disk) === 'scsi');

/** The host bridge without a window for PCI devices above 4 GiB, by the name that the machine type has for it. */
const withoutHole64 = ({ spec }: VirtualMachineInstance): XmlElement => {
  const model = (spec.domain.machine?.type || 'q35').includes('q35') ? 'pcie-root' : 'pci-root';
  return element('controller', { type: 'pci', index: 0, model }, element('pcihole64', { unit: 'KiB' }, '0'));
};

/** Only what is needed: hot-plug, which would want a SCSI controller in reserve, is not acted on yet. */
export const controllers = (vmi: VirtualMachineInstance): XmlElement[] => {
  const list = [element('controller', { type: 'usb', index: 0, model: needsUsb(vmi) ? 'qemu-xhci' : 'none' })];
  if (needsScsi(vmi)) list.push(element('controller', { type: 'scsi', index: 0, model: virtioModel(vmi) }));
  if (isSwitchedOn(vmi.metadata, 'kubevirt.io/disablePCIHole64')) list.push(withoutHole64(vmi));
  list.push(element('controller', { type: 'virtio-serial', index: 0, model: virtioModel(vmi) }));
  return list;
};

/**
 * The serial console: a socket QEMU listens on, and where the VM asks for it a log, which a container beside QEMU's
 * keeps small (src/launcher/console-log.sh): a guest that talks without end must not fill the node's disk.
 */
export const serial = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement | undefined =>
  vmi.spec.domain.devices.autoattachSerialConsole === false
    ? undefined
    : element(
        'serial',
        { type: 'unix' },
        element('source', { mode: 'bind', path: context.paths.serialSocket }),
        serialLog(vmi, context),
        element('target', { port: 0 }),
      );

const serialLog = (vmi: VirtualMachineInstance, { paths }: DomainContext): XmlElement | undefined =>
  logsSerialConsole(vmi.spec.domain.devices) && paths.serialLog !== undefined
    ? element('log', { file: paths.serialLog, append: 'on' })
    : undefined;

/** `kubectl virt run` shows the console itself. */
export const serialLogNotices = (vmi: VirtualMachineInstance, { paths }: DomainContext): DomainNotice[] =>
  logsSerialConsole(vmi.spec.domain.devices) && paths.serialLog === undefined
    ? [{ reason: 'SerialLogUnavailable', message: 'devices.logSerialConsole: the console is not logged here' }]
    : [];

/** The channel of qemu-guest-agent; its socket's path is ours, so that it is known without asking libvirt. */
export const guestAgentChannel = (context: DomainContext): XmlElement =>
  element(
    'channel',
    { type: 'unix' },
    element('source', { mode: 'bind', path: context.paths.guestAgentSocket }),
    element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
  );

/** The port at which a guest asks for metrics; QEMU listens, the agent connects. */
export const downwardMetricsChannel = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement | undefined =>
  vmi.spec.domain.devices.downwardMetrics &&
  element(
    'channel',
    { type: 'unix' },
    element('source', { mode: 'bind', path: context.paths.downwardMetricsSocket }),
    element('target', { type: 'virtio', name: 'org.github.vhostmd.1' }),
  );

/** VNC on a unix socket and the display behind it (docs/reference/domain.md §1.13). */
export const graphics = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement[] => {
  if (vmi.spec.domain.devices.autoattachGraphicsDevice === false) return [];
  return [
    element('graphics', { type: 'vnc' }, element('listen', { type: 'socket', socket: context.paths.vncSocket })),
    element('video', {}, videoModel(vmi)),
  ];
};

/** UEFI firmware drives bochs' card without the registers of a VGA, which a guest it starts does not need either. */
const videoModel = ({ spec: { domain } }: VirtualMachineInstance): XmlElement => {
  const type = domain.devices.video?.type || undefined;
  if (type === undefined && efiBoot(domain) !== undefined) return element('model', { type: 'bochs', heads: 1 });
  return element('model', { type: type ?? 'vga', heads: 1, vram: VIDEO_MEMORY });
};

export const rng = (vmi: VirtualMachineInstance): XmlElement | undefined =>
  vmi.spec.domain.devices.rng &&
  element('rng', { model: virtioModel(vmi) }, element('backend', { model: 'random' }, '/dev/urandom'));

/**
 * The balloon is for statistics and for giving freed pages back to the host, not for ballooning. A VM with CPUs of its
 * own gives none back: it would wait whenever it needs them again (docs/reference/domain.md §1.14). Huge and locked
 * pages are set aside for the guest and nobody else.
 */
export const balloon = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement => {
  if (vmi.spec.domain.devices.autoattachMemBalloon === false) return element('memballoon', { model: 'none' });
  const { memBalloonStatsPeriod: period, freePageReportingDisabled } = context.config;
  const off =
    freePageReportingDisabled ||
    vmi.spec.domain.cpu?.dedicatedCpuPlacement === true ||
    hugePages(vmi.spec) !== undefined ||
    context.lockMemory === true ||
    isSwitchedOn(vmi.metadata, 'kubevirt.io/free-page-reporting-disabled');
  return element(
    'memballoon',
    { model: virtioModel(vmi), freePageReporting: off ? 'off' : 'on' },
    period > 0 ? element('stats', { period }) : undefined,
  );
};

/** libvirt knows no transitional flavours of these. */
export const inputs = (vmi: VirtualMachineInstance): XmlElement[] =>
  (vmi.spec.domain.devices.inputs ?? []).map(({ name, type, bus }, index) =>
    element(
      'input',
      { type, bus: bus || 'usb', model: bus === 'virtio' ? 'virtio' : undefined },
      element('alias', { name: otherAlias('INPUT', index, name) }),
    ),
  );

/** The sound goes nowhere: nobody listens at a node. */
export const sound = (vmi: VirtualMachineInstance): XmlElement | undefined => {
  const { sound: card } = vmi.spec.domain.devices;
  if (card === undefined) return undefined;
  return element(
    'sound',
    { model: card.model || 'ich9' },
    element('alias', { name: otherAlias('SOUND', 0, card.name) }),
  );
};

/**
 * An emulated TPM 2.0 whose state is in the VM's private directory, and goes with it; or on the VM's claim, and then of
 * the newer kind (docs/reference/domain.md §1.14).
 */
export const tpm = (vmi: VirtualMachineInstance, { paths }: DomainContext): XmlElement | undefined => {
  if (!hasTpm(vmi.spec.domain.devices.tpm)) return undefined;
  const kept = keepsTpm(vmi.spec);
  const path = (kept ? paths.kept : paths).tpmState;
  return element(
    'tpm',
    { model: kept ? 'tpm-crb' : 'tpm-tis' },
    element(
      'backend',
      { type: 'emulator', version: '2.0', persistent_state: kept ? 'yes' : undefined },
      element('source', { type: 'dir', path }),
    ),
  );
};

export const watchdog = (vmi: VirtualMachineInstance): XmlElement | undefined => {
  const spec = vmi.spec.domain.devices.watchdog;
  if (spec?.i6300esb === undefined) return undefined;
  const action = spec.i6300esb.action || 'reset';
  const alias = element('alias', { name: otherAlias('WATCHDOG', 0, spec.name) });
  return element('watchdog', { model: 'i6300esb', action }, alias);
};

/** Devices by which a guest reports that its kernel has crashed; Hyper-V's is KVM's alone. */
export const panicDevices = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement[] =>
  (vmi.spec.domain.devices.panicDevices ?? [])
    .filter(({ model }) => context.kvmAvailable || !isHypervPanic(model))
    .map(({ model }) => element('panic', { model }));
