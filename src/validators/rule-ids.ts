// Made by `npm run generate` from src/validators. Do not edit.

/** The ids of the table of rules, in its order, for who need not load what checks objects. */
export const RULE_IDS: readonly string[] = `
  field.not-acted-on meta.name meta.namespace meta.label-form meta.annotation-form meta.owner-form
  meta.finalizers id.hostname id.subdomain id.service-account id.service-account-volume mem.request-negative
  mem.request-min mem.limit-negative mem.request-over-limit mem.guest-positive mem.guest-min
  mem.hugepages-format mem.hugepages-larger mem.hugepages-multiple mem.guest-over-limit
  mem.reserved-overhead-gate mem.none mem.hugepages-size mem.hugepages-resource mem.lock-overcommit
  cpu.realtime-mask cpu.numa-setting arch.unknown machine.type machine.unknown fw.bios-and-efi start.strategy
  start.liveness eviction.strategy input.device iothreads.policy iothreads.pool-count video.no-graphics
  video.type fw.acpi-empty fw.acpi-missing fw.acpi-type fw.kernel-args fw.kernel-args-text fw.kernel-image
  fw.kernel-image-reference fw.kernel-paths fw.kernel-initrd fw.kernel-path-form fw.secureboot-smm fw.efi-acpi
  fw.secureboot-machine reboot.gate ls.arch ls.one ls.gate ls.tdx-smm ls.ovmf ls.secureboot ls.persistent-efi
  ls.attestation ls.boot-nic hv.dep hv.passthrough arch.watchdog arch.arm64-bios arch.arm64-cpu arch.arm64-bus
  arch.arm64-sound fw.uuid fw.serial fw.chassis fw.bios-serial clock.one-offset clock.timezone clock.tick-policy
  clock.track clock.timer-arch dev.graphics-alias cpu.request-negative cpu.limit-negative cpu.request-over-limit
  cpu.isolate-emulator cpu.feature-policy cpu.max-sockets cpu.vcpus cpu.machine-vcpus cpu.realtime-dedicated
  cpu.realtime-numa cpu.numa-dedicated cpu.numa-hugepages cpu.feature-name cpu.feature-twice cpu.model cpu.apic
  pin.request-integer pin.limit-integer pin.memory-equal pin.overcommit pin.cpu-equal pin.cpu-vs-topology
  pin.arm-threads pin.threads aff.node-terms aff.node-weight aff.expr-in aff.expr-exists aff.expr-gt
  aff.expr-key aff.expr-value aff.field-in aff.field-op aff.field-key aff.field-value aff.pod-weight
  aff.pod-selector aff.pod-namespace aff.pod-topology-key aff.pod-label-keys tsc.max-skew tsc.topology-key
  tsc.selector tsc.min-domains tsc.label-keys toleration.key toleration.no-key toleration.value
  toleration.seconds sched.node-selector sched.priority-class sched.cluster-nodes sched.scheduler-name
  sched.grace-period net.pod-single net.multus-default-single net.pod-and-multus-default net.source
  net.multus-name net.multus-name-format net.vm-cidr net.vm-cidr6 net.name-unique net.no-iface if.slirp-gone
  if.passt-gone if.macvtap-gone if.one-binding if.pod-binding if.binding-plugin if.masq-mac if.bridge-pod
  if.passt-gate if.name-unique if.no-network if.name-format if.model if.mac if.acpi-index if.mac-unique if.pci
  if.state-value if.state-sriov if.state-absent-bridge if.state-absent-default if.ports if.pr-gate if.pr-excl
  if.pr-masq if.pr-max if.pr-range if.pr-overlap if.dhcp-passt if.dhcp-length if.dhcp-dup if.dhcp-range
  if.dhcp-ntp dra.claim-name-req dra.claim-name-label dra.claim-both dra.claim-none dra.claim-ref net.dra-gate
  net.dra-multus net.dra-binding net.dra-claim net.dra-request net.dra-unknown dra.gpu-mixed dra.dev-empty
  dra.dev-both dra.gate dra.dev-claim dra.dev-request dra.request-unique dra.claims-listed gpu.ramfb
  hostdev.gate vsock.gate dm.device-gate sound.model sound.name panic.s390x panic.model panic.twice serial.log
  fs.storage-gate fs.name-unique fs.no-volume fs.source fs.also-disk fs.name-length pci.place pci.twice
  grace.ambiguous grace.gate grace.arch grace.machine grace.dedicated grace.numa-gate grace.iommufd-gate
  grace.root-complex grace.hole64 probe.many probe.none probe.pod-network probe.port probe.command
  probe.command-text probe.delay probe.liveness-success disk.no-volume disk.empty-cdrom-gate disk.lun-source
  disk.shareable-source vol.claim-readonly disk.dm-target disk.dm-bus pr.gate disk.boot-order-dup
  iface.boot-order-min disk.floppy disk.name-unique disk.name-label disk.one-target disk.pci-bus disk.pci-format
  disk.boot-order-min disk.bus-ide disk.bus-unknown disk.bus-cdrom-virtio disk.bus-sata-readonly
  disk.iothread-bus disk.serial-chars disk.serial-length disk.cache disk.io disk.io-cache disk.shareable-cache
  disk.error-policy disk.block-both disk.block-size disk.multiqueue-cpu vol.name-unique vol.name-label
  vol.one-source vol.dv-name vol.claim-name vol.container-image vol.image-reference disk.container-path
  vol.hostdisk-gate vol.hostdisk-path vol.hostdisk-type vol.hostdisk-capacity vol.configmap-name vol.secret-name
  vol.sa-name vol.dm-gate vol.sa-max vol.dm-max vol.memdump-max vol.utility-on-create map.volume-unused
  map.containerpath map.containerpath-reserved disk.block-gate vol.dv-gate vol.empty-capacity vol.hostdisk-size
  vol.ephemeral-claim vol.sysprep-source vol.configmap-label vol.secret-label vol.downwardapi-label
  vol.downward-field ci.user-base64 ci.user-one ci.user-size ci.net-base64 ci.net-one ci.net-size ci.none
  ac.nocloud ac.configdrive ac.qga-users ac.source ac.secret-name ac.method ac.one dns.none-needs-config
  dns.nameserver-count dns.nameserver-ip dns.search-count dns.search-length dns.search-name dns.option-name
  meta.labels meta.owner meta.ignition meta.sidecar meta.annotations-size meta.pod-annotations tpl.labels
  tpl.annotations ann.vcpu-count ann.vcpu-count-conflict ann.cpu-model ann.cpu-model-conflict ann.cpu-setting
  ann.cpu-setting-field ann.cpu-setting-value ann.cpu-setting-topology ann.cpu-setting-numa
  ann.cpu-setting-conflict ann.system-uuid ann.system-uuid-conflict vm.template vm.run-both vm.run-none
  vm.run-receiver vm.run-value vm.lu-memory vm.matcher-name vm.matcher-kind vm.matcher-infer
  vm.matcher-infer-policy vm.matcher-revision vm.instancetype-unusable vm.instancetype-conflict
  vm.instancetype-spread vm.preference-requirements dvt.name dvt.name-form dvt.name-unique dvt.no-target
  dvt.two-targets dvt.source dvt.unreferenced vm.dvt-namespace dvt.block-gate dvt.gate dvt.size dvt.access-modes
  dvt.storage-class dvt.url dvt.registry dvt.content-type dvt.incomplete vm.snapshot-volumes vm.snapshot-running
  vm.restore-running vr.both vr.none vr.add-dup vr.remove-dup vr.add-disk vr.add-template vr.result-template
  rs.template rs.replicas rs.selector-invalid rs.selector-mismatch upd.node-name upd.node-owner upd.agent-phase
  upd.agent-fields upd.spec upd.labels upd.owner upd.virtlet upd.pod-uid upd.max-sockets upd.max-guest
  upd.utility-gate upd.utility-name upd.utility-dup upd.utility-claim upd.utility-permanent upd.utility-changed
  upd.storage-count upd.storage-perm-missing upd.storage-perm-changed upd.storage-perm-disk
  upd.storage-hot-changed upd.storage-hot-disk upd.storage-no-disk upd.storage-new-source upd.storage-new-config
  kv.place kv.one kv.gate-twice kv.overhead-ratio kv.cpu-allocation-ratio kv.memory-overcommit kv.hotplug-ratio
  kv.hotplug-sockets kv.balloon-period kv.pvc-reserve kv.pvc-tolerance kv.cpu-request kv.verification-memory
  kv.hotplug-guest kv.rollout-strategy kv.eviction-strategy kv.default-network kv.default-architecture
  kv.machine-type kv.vcpus-per-core kv.emulator-percent kv.emulator-split kv.cpu-model kv.cpu-model-names
  kv.node-configs kv.ksm-selector kv.smbios
`
  .trim()
  .split(/\s+/);
