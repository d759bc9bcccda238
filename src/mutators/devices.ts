import type { Probe } from '../api/schema/virtualmachineinstance.js';
import type { MutationStep } from './mutation.js';

export const graphicsAlias: MutationStep = {
  id: 'mut.graphics-alias',
  summary: '`autoattachGraphicsDevice` becomes what the misspelt `autottachGraphicsDevice` of old pages says.',
  apply: ({ spec: { domain } }) => {
    const { devices } = domain;
    if (devices.autottachGraphicsDevice !== undefined) {
      devices.autoattachGraphicsDevice ??= devices.autottachGraphicsDevice;
    }
  },
};

export const attachedInput: MutationStep = {
  id: 'mut.attached-input',
  summary: '`autoattachInputDevice: true` adds an input device `default-0` where there is none.',
  apply: ({ spec: { domain } }) => {
    const { devices } = domain;
    if (devices.autoattachInputDevice !== true || (devices.inputs ?? []).length > 0) return;
    devices.inputs = [{ name: 'default-0', type: '' }];
  },
};

export const inputs: MutationStep = {
  id: 'mut.input',
  summary: 'An input device becomes a tablet on the usb bus.',
  apply: ({ spec }) => {
    for (const input of spec.domain.devices.inputs ?? []) {
      input.bus ||= 'usb';
      input.type ||= 'tablet';
    }
  },
};

export const ramFramebuffer: MutationStep = {
  id: 'mut.ramfb',
  summary: '`virtualGPUOptions.display.ramFB.enabled` becomes true.',
  apply: ({ spec }) => {
    for (const { virtualGPUOptions } of spec.domain.devices.gpus ?? []) {
      const ramFB = virtualGPUOptions?.display?.ramFB;
      if (ramFB) ramFB.enabled ??= true;
    }
  },
};

export const watchdog: MutationStep = {
  id: 'mut.watchdog',
  summary: "A watchdog becomes the architecture's own (i6300esb; diag288 on s390x; none on arm64) with action reset.",
  apply: ({ spec }) => {
    const { watchdog } = spec.domain.devices;
    if (!watchdog || spec.architecture === 'arm64') return;
    const device = spec.architecture === 's390x' ? 'diag288' : 'i6300esb';
    const model = (watchdog[device] ??= {});
    model.action ||= 'reset';
  },
};

/** Kubernetes' own defaults for container probes; zero and less count as absent. */
const completeProbe = (probe: Probe): void => {
  if ((probe.timeoutSeconds ?? 0) < 1) probe.timeoutSeconds = 1;
  if ((probe.periodSeconds ?? 0) < 1) probe.periodSeconds = 10;
  if ((probe.successThreshold ?? 0) < 1) probe.successThreshold = 1;
  if ((probe.failureThreshold ?? 0) < 1) probe.failureThreshold = 3;
};

export const probes: MutationStep = {
  id: 'mut.probe',
  summary: 'Probes get a timeout of 1 s, a period of 10 s, success after 1 and failure after 3.',
  apply: ({ spec }) => {
    if (spec.readinessProbe) completeProbe(spec.readinessProbe);
    if (spec.livenessProbe) completeProbe(spec.livenessProbe);
  },
};

export const timers: MutationStep = {
  id: 'mut.timers',
  summary: 'A clock timer that is named without saying whether becomes present.',
  apply: ({ spec }) => {
    const timer = spec.domain.clock?.timer;
    if (!timer) return;
    for (const one of [timer.hpet, timer.kvm, timer.pit, timer.rtc, timer.hyperv]) {
      if (one) one.present ??= true;
    }
  },
};
