/** Kubernetes accepts 010.000.000.001 for 10.0.0.1 (docs/reference/admission.md §3.1, "Decoding normalises"). */
export const withoutLeadingZeros = (address: string): string =>
  /^\d+(\.\d+){3}$/.test(address) ? address.split('.').map(Number).join('.') : address;
