/*
 * Rules such as platform teams write, of every part of a VM: they compile for all kinds without a warning, and none
 * fails on an object that the schema admits.
 */

export const RULES: Readonly<Record<string, string>> = {
  'vm-require-owner': `['owner', 'cost-center'].all(l, variables.labels[?l].orValue('') != '')`,
  'vm-name-convention': `object.metadata.name.matches('^[a-z][a-z0-9]{1,14}(-[a-z0-9]+)*$')`,
  'vm-max-vcpus': `variables.vcpus <= int(namespaceObject.metadata.?labels[?'kubectl-virt.io/max-vcpus'].orValue('8'))`,
  'vm-max-memory': `variables.guestMemory.compareTo(quantity(namespaceObject.metadata.?labels[?'kubectl-virt.io/max-memory'].orValue('64Gi'))) <= 0`,
  'vm-memory-overcommit':
    '!has(variables.instance.domain.resources) || !has(variables.instance.domain.resources.requests) || !has(variables.instance.domain.resources.requests.memory) || variables.guestMemory.asApproximateFloat() <= 2.0 * quantity(string(variables.instance.domain.resources.requests.memory)).asApproximateFloat()',
  'vm-cpu-overcommit': `double(variables.vcpus) <= 10.0 * quantity(string(variables.instance.domain.?resources.?requests.?cpu.orValue('1'))).asApproximateFloat()`,
  'vm-approved-registries': `variables.images.all(i, ['registry.example.com/', 'quay.io/approved/'].exists(p, i.startsWith(p)))`,
  'vm-import-sources': `variables.dataVolumeTemplates.all(d, !has(d.spec.source) || !has(d.spec.source.http) || d.spec.source.http.url.startsWith('https://images.example.com/'))`,
  'vm-image-digest': `variables.volumes.filter(v, has(v.containerDisk)).all(v, v.containerDisk.image.matches('@sha256:[0-9a-f]{64}$'))`,
  'vm-no-latest-tag': `variables.images.all(i, i.matches('(@sha256:[0-9a-f]{64}|:[^:/]+)$') && !i.endsWith(':latest'))`,
  'vm-no-host-disk': 'variables.volumes.all(v, !has(v.hostDisk))',
  'vm-no-host-devices':
    'size(variables.instance.domain.?devices.?hostDevices.orValue([])) == 0 && size(variables.instance.domain.?devices.?gpus.orValue([])) == 0',
  'vm-volume-kinds': `variables.volumes.all(v, ['dataVolume', 'persistentVolumeClaim', 'cloudInitNoCloud', 'cloudInitConfigDrive', 'secret', 'configMap'].exists(k, k in v))`,
  'vm-storage-classes': `variables.dataVolumeTemplates.all(d, d.spec.?storage.?storageClassName.or(d.spec.?pvc.?storageClassName).orValue('') in ['fast', 'slow'])`,
  'vm-disk-size': `variables.dataVolumeTemplates.all(d, quantity(string(d.spec.?storage.?resources.?requests.?storage.or(d.spec.?pvc.?resources.?requests.?storage).orValue('0'))).compareTo(quantity('500Gi')) <= 0)`,
  'vm-virtio-disks': `variables.disks.all(d, d.?disk.?bus.orValue('virtio') in ['virtio', 'scsi'])`,
  'vm-cpu-model-pin': `variables.instance.domain.?cpu.?model.orValue('host-model') in ['host-model', 'Cascadelake-Server']`,
  'vm-no-clear-passwords': String.raw`variables.userData.all(u, !u.matches('(?mi)^[ \t-]*(password|passwd|plain_text_passwd|hashed_passwd)[ \t]*:'))`,
  'vm-ssh-keys-only': String.raw`variables.userData.all(u, !u.matches('(?mi)^[ \t]*ssh_pwauth[ \t]*:[ \t]*(true|yes|1|on)'))`,
  'vm-cloud-init-secret': 'variables.volumes.all(v, !has(v.cloudInitNoCloud) || has(v.cloudInitNoCloud.secretRef))',
  'vm-eviction-strategy': `variables.instance.?evictionStrategy.orValue('') in ['LiveMigrate', 'LiveMigrateIfPossible', 'None']`,
  'vm-grace-limits':
    'variables.instance.?terminationGracePeriodSeconds.orValue(180) >= 30 && variables.instance.?terminationGracePeriodSeconds.orValue(180) <= 600',
  'vm-prod-probes': `namespaceObject.metadata.?labels[?'env'].orValue('') != 'prod' || !(object.spec.?running.orValue(false) || object.spec.?runStrategy.orValue('') in ['Always', 'RerunOnFailure']) || (has(variables.instance.readinessProbe) && has(variables.instance.livenessProbe))`,
  'vm-no-bridge': 'variables.interfaces.all(i, !has(i.bridge))',
  'vm-networks-allowed': `variables.networks.all(n, has(n.pod) || n.?multus.?networkName.orValue('') in ['shop/vlan10', 'shop/vlan20'])`,
  'vm-no-fixed-mac': 'variables.interfaces.all(i, !has(i.macAddress))',
  'vm-secure-boot':
    'variables.instance.domain.?firmware.?bootloader.?efi.hasValue() && variables.instance.domain.?firmware.?bootloader.?efi.?secureBoot.orValue(true)',
  'vm-tpm': 'has(variables.instance.domain.devices) && has(variables.instance.domain.devices.tpm)',
  'vm-dedicated-cpus-node': `!variables.instance.domain.?cpu.?dedicatedCpuPlacement.orValue(false) || variables.instance.?nodeSelector[?'kubectl-virt.io/dedicated-cpus'].orValue('') == 'true'`,
  'vm-no-graphics': '!variables.instance.domain.?devices.?autoattachGraphicsDevice.orValue(true)',
  'vm-backup-plan': `'backup.example.com/plan' in object.metadata.?annotations.orValue({})`,
  'vm-uuid-immutable': `request.operation != 'UPDATE' || oldObject == null || variables.instance.domain.?firmware.?uuid.orValue('') == (has(oldObject.spec.template) ? oldObject.spec.template.spec : oldObject.spec).domain.?firmware.?uuid.orValue('')`,
  'vm-priority-class': `!has(variables.instance.priorityClassName) || !variables.instance.priorityClassName.startsWith('system-')`,
  'vm-tolerations': `variables.instance.?tolerations.orValue([]).all(t, t.?operator.orValue('Equal') != 'Exists' || has(t.key))`,
  'vmi-through-vm': `object.kind != 'VirtualMachineInstance' || object.metadata.?ownerReferences.orValue([]).exists(r, r.kind in ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'])`,
};
