/** What is reported to the owner of a VM about the domain that was made of it: the reason and message of an event. */
export interface DomainNotice {
  readonly reason:
    | 'NestedVirtualizationUnavailable'
    | 'HostCpuUnavailable'
    | 'ConfiguredCpuUnavailable'
    | 'HypervUnavailable'
    | 'LunNotSupportedForFile'
    | 'LunNotSupportedByDevice'
    | 'LunNotSupportedOnBus'
    | 'LunKeepsItsOwn'
    | 'RootComplexFull'
    | 'MemoryLockUnavailable'
    | 'SerialLogUnavailable';
  readonly message: string;
}
