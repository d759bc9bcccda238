/** A PCI address as `0000:81:00.0`: domain, bus, slot and function in hexadecimal. */
export const PCI_ADDRESS = /^([\da-f]{4}):([\da-f]{2}):([\da-f]{2})\.([0-7])$/i;
