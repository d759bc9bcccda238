import { claimNameOf } from '../api/vmi/claim-use.js';
import { FILESYSTEM_SOCKETS, PodVolume, SERIAL_LOG } from '../api/pod-layout.js';
import { sharedVolumes } from '../api/vmi/filesystems.js';
import { logsSerialConsole } from '../api/vmi/serial-log.js';
import { resource } from '../api/vmi/qos.js';
import { sourceOf } from '../api/vmi/volume-sources.js';
import { MEBIBYTE, parseQuantity, Quantity } from '../api/quantity.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { Volume } from '../api/schema/volumes.js';
import type { LauncherContext } from './pod-input.js';

/*
 * What a VM may write on its node's disk. kubelet evicts a pod that exceeds its limit, so the limit has to hold
 * everything that the guest was promised; and the scheduler counts requests, so what was promised is requested.
 */

const STORAGE = 'ephemeral-storage';

/** What every launcher pod writes: libvirt's files, logs, images' links (KubeVirt's number). */
const BASE_REQUEST = parseQuantity('50M');
/**
 * What the directory of libvirt's files may come to: configuration and NVRAM are some MiB; the rest is for the log of a
 * QEMU that complains without end.
 */
const PRIVATE = 256n * MEBIBYTE;
/** A static busybox of 2 MiB, and a link for each image: room for both eight times. */
const SMALL = 16n * MEBIBYTE;
/**
 * The file of a serial console begins anew when it has a MiB: the rest is what a guest says in the second in which
 * nobody looks.
 */
const CONSOLE = 128n * MEBIBYTE;
/** Sockets have no size; the files of their owners' process ids have a few bytes. */
const SOCKETS = MEBIBYTE;
/**
 * kubelet keeps five logs of 10 MiB of each container by default; two containers' worth, for those that others inject
 * too.
 */
const LOGS = 100n * MEBIBYTE;
/** An image of files of a ConfigMap or Secret (1 MiB at most) or the like, and the one that is about to replace it. */
const SMALL_IMAGE = 8n * MEBIBYTE;
/**
 * What may be written over the image of a containerDisk. How large its disk is nobody knows before it is pulled; 32 GiB
 * is more than the disk of any cloud image that is published as one. A VM that needs more says so in its limits.
 */
const OVERLAY = 32n * 1024n * MEBIBYTE;

/**
 * A qcow2 file may be larger than its disk: 8 bytes of table and 2 of reference count for each cluster of 64 KiB are
 * 1/6554 of it. A 4096th and a MiB for header and rounding are enough.
 */
const qcow2 = (bytes: bigint): bigint => bytes + bytes / 4096n + MEBIBYTE;

/** Disks whose size the user chose, and was promised. */
const chosen = (volume: Volume): bigint => {
  const found = sourceOf(volume);
  if (typeof found?.source.image !== 'object' || found.source.image.capacity === 'small') return 0n;
  return qcow2(parseQuantity(found.source.image.capacity(found.settings)).value());
};

/** The overlay over a claim grows to the claim's size at most; the size of a containerDisk's image nobody knows yet. */
const overlay = (volume: Volume, { claims }: LauncherContext): bigint => {
  if (sourceOf(volume)?.source.image !== 'overlay') return 0n;
  const claim = claims?.get(claimNameOf(volume) ?? '');
  const size = claim?.capacity?.['storage'] ?? claim?.requests?.['storage'];
  return qcow2(size === undefined ? OVERLAY : parseQuantity(size).value());
};

const smallImage = (volume: Volume): bigint => {
  const image = sourceOf(volume)?.source.image;
  return typeof image === 'object' && image.capacity === 'small' ? SMALL_IMAGE : 0n;
};

const sum = (vmi: VirtualMachineInstance, bytes: (volume: Volume) => bigint): bigint =>
  (vmi.spec.volumes ?? []).reduce((total, volume) => total + bytes(volume), 0n);

/** Of what is written into the directory of the guest's own disks. */
const disks = (vmi: VirtualMachineInstance, context: LauncherContext): bigint =>
  sum(vmi, (volume) => chosen(volume) + overlay(volume, context) + smallImage(volume));

const larger = (one: Quantity, other: Quantity): Quantity => (one.compare(other) >= 0 ? one : other);
const smaller = (one: Quantity, other: Quantity): Quantity => (one.compare(other) <= 0 ? one : other);

/** What the user asked for is for the guest; the pod's own comes on top. */
const given = (vmi: VirtualMachineInstance, list: 'requests' | 'limits'): Quantity | undefined =>
  resource(vmi.spec, list, STORAGE)?.add(BASE_REQUEST);

/**
 * Request and limit of the compute container. The capacity of emptyDisks is requested; of overlays nothing is, because
 * most guests write little there. Numbers of the VM's own win.
 */
export const ephemeralStorage = (
  vmi: VirtualMachineInstance,
  context: LauncherContext,
): { request: Quantity; limit: Quantity } => {
  const console = logsSerialConsole(vmi.spec.domain.devices) ? CONSOLE + LOGS / 2n : 0n;
  const all = Quantity.of(disks(vmi, context) + PRIVATE + 2n * SMALL + LOGS + console);
  const promised = BASE_REQUEST.add(Quantity.of(sum(vmi, chosen)));
  const [request, limit] = [given(vmi, 'requests'), given(vmi, 'limits')];
  if (limit !== undefined) return { request: smaller(request ?? promised, limit), limit };
  return { request: request ?? promised, limit: larger(all, request ?? promised) };
};

/** How large each emptyDir of the pod may grow, by its name. */
export const emptyDirLimits = (vmi: VirtualMachineInstance, context: LauncherContext): Record<string, string> => {
  const own = given(vmi, 'limits') ?? given(vmi, 'requests');
  const needed = Quantity.of(disks(vmi, context) + SMALL);
  return {
    [PodVolume.private.name]: Quantity.of(PRIVATE).toString(),
    // A user who gave the pod another limit meant the disks.
    [PodVolume.ephemeralDisks.name]: (own === undefined ? needed : larger(own, needed)).toString(),
    [PodVolume.containerDisks.name]: Quantity.of(SMALL).toString(),
    [PodVolume.bin.name]: Quantity.of(SMALL).toString(),
    ...(logsSerialConsole(vmi.spec.domain.devices) ? { [SERIAL_LOG.name]: Quantity.of(CONSOLE).toString() } : {}),
    ...(sharedVolumes(vmi.spec).length > 0 ? { [FILESYSTEM_SOCKETS.name]: Quantity.of(SOCKETS).toString() } : {}),
  };
};
