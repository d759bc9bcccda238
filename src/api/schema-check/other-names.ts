/*
 * Names that a field had in older versions, or that other systems have for it. By the name without capitals, "-" and
 * "_"; a name holds in every object of the schema that has what it leads to.
 */
export const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  capacity: ['resources.requests.storage'],
  claim: ['claimName'],
  cloudinit: ['cloudInitNoCloud'],
  cores: ['cpu.cores'],
  cpumodel: ['cpu.model'],
  dv: ['dataVolume'],
  ephemeraldisk: ['emptyDisk'],
  graceperiod: ['terminationGracePeriodSeconds'],
  image: ['containerDisk.image', 'url'],
  mac: ['macAddress'],
  machinetype: ['machine.type'],
  nad: ['multus.networkName'],
  nic: ['interfaces'],
  nics: ['interfaces'],
  numcpus: ['cpu.cores'],
  pvc: ['persistentVolumeClaim'],
  ram: ['memory.guest', 'guest'],
  registrydisk: ['containerDisk'],
  secret: ['secretRef', 'secretName'],
  size: ['capacity', 'resources.requests.storage', 'guest'],
  smp: ['cpu'],
  sshkey: ['sshPublicKey'],
  storageclass: ['storageClassName'],
  uefi: ['efi', 'bootloader.efi', 'firmware.bootloader.efi'],
  userdatasecretref: ['secretRef'],
  vcpu: ['cpu.cores', 'cores'],
  vcpus: ['cpu.cores', 'cores'],
  volumename: ['name'],
};
